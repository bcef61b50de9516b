"""LibreOffice, where the machine has it: recalculating workbooks for real, and turning them into pages."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed on this machine")

# Without this LibreOffice repeats the values we cached, and a test of formulas could not fail.
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
           xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


_LANGUAGE = (
    '<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">'
    "<value>{}</value></prop></item>\n</oor:items>"
)


def _convert(files: list[Path], kind: str, folder: Path, language: str = "") -> Path:
    """Have LibreOffice, made to recalculate, save workbooks in another format; give the folder they are in."""
    settings = _ALWAYS_RECALCULATE
    settings = settings.replace("</oor:items>", _LANGUAGE.format(language)) if language else settings
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(settings, encoding="utf-8")
    out = folder / "converted"
    assert SOFFICE is not None
    command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", kind, "--outdir", str(out), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return out


def converted(path: Path, ending: str, folder: Path, language: str = "") -> Path:
    """Save a workbook in another format, or draw it, as LibreOffice does in a language."""
    saved = _convert([path], ending, folder, language) / f"{path.stem}.{ending}"
    assert saved.exists()
    return saved


def recalculated(files: list[Path], folder: Path) -> list[Path]:
    """Have LibreOffice open, recalculate and save workbooks; give the saved ones in the same order.

    The files need distinct names: LibreOffice writes them side by side. It exits 0 even when a file fails, so each
    output is looked for.
    """
    out = _convert(files, "xlsx:Calc MS Excel 2007 XML", folder)
    saved = [out / path.name for path in files]
    missing = [path.name for path in saved if not path.exists()]
    assert not missing, f"LibreOffice did not write {missing}"
    return saved
