"""Every workbook and document that a command writes is valid Open XML and within the limits of Excel."""

from __future__ import annotations

import io
import re
import shutil
import unicodedata
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from lxml import etree
from openxml_audit import OpenXmlValidator

from pipeline.__main__ import main
from pipeline.cells import cell_of
from schemas.file_names import (
    CIRCULAR,
    COUNTIES_WORKBOOK,
    DEPARTMENT_FORMS,
    LOCAL_WORDS,
    PUBLIC,
    REMINDERS,
    RETURNED,
    REVIEWS,
    ROSTER,
    SELF_REPORTS,
)
from schemas.lists.head_answers import SHEET
from tests.support import filed, worded
from tests.support.forged import zipped

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element as Element

pytestmark = pytest.mark.slow

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LONG = ("超长" * 60) + "局"
NAMES = {
    "甲": "ABC局",
    "乙": "abc局",
    "丙": LONG,
    "丁": f"{LONG}二",
    "戊": "a:b/c*?局",
    "己": "é局",
    "庚": "e\u0301局",
    "辛": "A" * 300,
}
"""Departments whose names are alike but for case or composition, too long, or no file names."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let every command write what it writes below one folder."""
    folder = tmp_path_factory.mktemp("written")
    seed, clean = filed.load(), filed.load(filed.RETURNS / "clean.toml")
    inbox = folder / "counties" / "甲县"
    inbox.mkdir(parents=True)
    for key, name in NAMES.items():
        (inbox / f"{key}.xlsx").write_bytes(filed.workbook(filed.changed(seed, {}, name)))
    (inbox / "壬.xlsx").write_bytes(in_other_words(filed.workbook(filed.changed(clean, {}, "壬局"))))
    out, policies = folder / "out", folder / "policies"
    commands: list[list[object]] = [
        ["templates", "-o", folder / "blank"],
        ["demo", "-o", folder / "demo", "--count", 12],
        ["evaluate", folder / "counties", "-o", out / "all", "--counties", "--jobs", 1],
        ["evaluate", inbox, "-o", out / "one", "--jobs", 1],
        ["status", inbox, "-o", out / "one"],
        ["report", "-o", out / "one"],
        ["report", "ABC局", LONG, "-o", out / "one"],
        ["report", "--public", "ABC局", LONG, "-o", out / "one"],
        ["report", "--reminders", "--by", "2022-05-20", "-o", out / "one"],
        ["policy", "--write", policies / "本县.xlsx"],
        ["policy", "--take", "national-2020", "--write", policies / "国家.xlsx"],
        ["forms", "--new", "-o", folder / "words"],
        ["import", folder / "报告.docx", "-o", folder / "imported"],
        ["templates", "-o", folder / "filled", "--roster", folder / "demo" / "inbox" / ROSTER],
    ]
    (folder / "报告.docx").write_bytes(worded.document(clean))
    for made in (policies, folder / "edited"):
        made.mkdir()
    for command in commands:
        assert main(list(map(str, command))) == 0, command
    shutil.copy(out / "one" / "2021" / REVIEWS, inbox)
    (inbox / "癸.xlsx").write_bytes(filed.workbook(filed.changed(seed, {}, "癸局")))
    shutil.copy(folder / "demo" / "inbox" / ROSTER, folder / "edited")
    edited = [
        ["evaluate", inbox, "-o", out / "again", "--jobs", 1],
        ["templates", "-o", folder / "edited", "--year", 2022, "--prior", out / "one" / "2021"],
        ["templates", "-o", folder / "forms", "--roster", folder / "edited" / ROSTER],
    ]
    for command in edited:
        assert main(list(map(str, command))) == 0, command
    for given in (folder / "counties", folder / "demo" / "inbox", folder / "demo" / "prior"):
        shutil.rmtree(given)
    (folder / "报告.docx").unlink()
    return folder


def in_other_words(content: bytes) -> bytes:
    """Give a return whose head 分值 says 参考分值, which the bureau is asked about."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    texts = "xl/sharedStrings.xml"
    return zipped({**members, texts: members[texts].replace(">分值<".encode(), ">参考分值<".encode())})


def files(folder: Path, *endings: str) -> list[Path]:
    """Give the files of these kinds."""
    return [path for path in sorted(folder.rglob("*")) if path.suffix in endings]


def test_every_kind_of_output_is_among_what_is_checked(written: Path) -> None:
    """Circular, reports, reminders, policies, forms, words and decisions, drawn and edited, are there to be checked."""
    names = {path.relative_to(written).as_posix() for path in files(written, ".xlsx", ".docx")}
    made = (CIRCULAR, SELF_REPORTS, PUBLIC, REMINDERS, RETURNED, DEPARTMENT_FORMS, LOCAL_WORDS, COUNTIES_WORKBOOK)
    assert [kind for kind in (*made, "policies/", "imported/") if not any(kind in name for name in names)] == []
    for run in ("one", "again"):
        asked = openpyxl.load_workbook(written / "out" / run / "2021" / REVIEWS)[SHEET]
        assert "参考分值" in {cell.value for row in asked.iter_rows() for cell in row}, run


def faults(validator: OpenXmlValidator, path: Path, *, edited: bool) -> list[str]:
    """Give what the validator finds wrong in a file.

    Of a list that was edited, as openpyxl writes it, two things are none: texts that stand in the cells, a warning, and
    the order of what a font is made of, which ECMA-376 leaves open (18.8.22).
    """
    found = validator.validate(str(path)).errors
    if edited:
        found = [error for error in found if error.id != "Excel_InlineStrCells" and "/fonts" not in error.path]
    return [error.description for error in found]


def test_everything_written_is_valid_open_xml(written: Path) -> None:
    """A validator from outside finds nothing wrong in any workbook or document of any command."""
    validator = OpenXmlValidator()
    found = files(written, ".xlsx", ".docx")
    assert {path.suffix for path in found} == {".xlsx", ".docx"}
    assert len(found) > 40
    edited = {written / "out" / "again" / "2021" / REVIEWS, written / "edited" / ROSTER}
    assert edited < set(found)
    wrong = {path.relative_to(written).as_posix(): faults(validator, path, edited=path in edited) for path in found}
    assert {name: errors for name, errors in wrong.items() if errors} == {}


def test_every_workbook_is_within_the_limits_of_excel(written: Path) -> None:
    """Names of sheets, texts, formulas, sizes and counts are within what Excel states that it takes."""
    broken = {}
    for path in files(written, ".xlsx"):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            parts = {name: etree.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith(".xml")}
        if found := [*_of_the_book(parts), *(each for name, part in parts.items() for each in _of_a_sheet(name, part))]:
            broken[path.name] = found
    assert broken == {}


def _of_the_book(parts: dict[str, Element]) -> list[str]:
    sheets = [each.attrib["name"] for each in parts["xl/workbook.xml"].iter(f"{MAIN}sheet")]
    found = [f"sheet {name}" for name in sheets if not re.fullmatch(r"(?!')[^\[\]:*?/\\]{1,31}(?<!')", name)]
    if len({name.casefold() for name in sheets}) != len(sheets):
        found.append("two sheets of one name")
    styles = parts["xl/styles.xml"]
    for section, most in (("cellXfs", 64_000), ("fonts", 1_024), ("fills", 64_000), ("borders", 64_000)):
        found += [section for each in styles.iter(f"{MAIN}{section}") if len(each) > most]
    texts = parts.get("xl/sharedStrings.xml")
    for text in texts.iter(f"{MAIN}si") if texts is not None else []:
        if len("".join(each.text or "" for each in text.iter(f"{MAIN}t")).encode("utf-16-le")) > 2 * 32_767:
            found.append("a text is too long")
    return found


def _of_a_sheet(name: str, part: Element) -> list[str]:
    if part.tag != f"{MAIN}worksheet":
        return []
    found = []
    cells = [cell_of(each.attrib["r"]) or (2**20, 0) for each in part.iter(f"{MAIN}c")]
    if any(row >= 2**20 or column >= 2**14 for row, column in cells):
        found.append("a cell is outside")
    found += ["a formula is too long" for each in part.iter(f"{MAIN}f") if len(each.text or "") > 8_192]
    found += ["a row is too high" for each in part.iter(f"{MAIN}row") if float(each.get("ht", 0)) > 409.5]
    found += ["a column is too wide" for each in part.iter(f"{MAIN}col") if float(each.get("width", 0)) > 255]
    found += ["a list is too long" for each in part.iter(f"{MAIN}formula1") if _listed(each) > 255]
    for each in part.iter(f"{MAIN}dataValidation"):
        for key, most in (("promptTitle", 32), ("errorTitle", 32), ("prompt", 255), ("error", 255)):
            found += [f"{key} is too long" for _ in range(len(each.get(key, "")) > most)]
    if sum(1 for _ in part.iter(f"{MAIN}hyperlink")) > 65_530:
        found.append("too many links")
    for kind in ("oddHeader", "oddFooter"):
        found += [f"{kind} is too long" for each in part.iter(f"{MAIN}{kind}") if len(each.text or "") > 255]
    return [f"{name}: {each}" for each in found]


def _listed(formula: Element) -> int:
    """Give how long a list of choices is that is written out, with its quotation marks left off."""
    text = formula.text or ""
    return len(text) - 2 if text.startswith('"') else 0


def test_names_are_short_and_different_everywhere(written: Path) -> None:
    """Below the folder that is named no path is longer than 160 characters, so that below one of 79 none is of 240.

    None is another in case or composition, nor has a name that Windows does not take.
    """
    roots = (written / "out" / "one", written / "out" / "all", written / "demo" / "output", written / "forms")
    assert len(list(roots[-1].rglob("*.xlsx"))) > 12 + len(NAMES)
    for root in roots:
        paths = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*"))]
        folded = [unicodedata.normalize("NFC", path).casefold() for path in paths]
        assert len(set(folded)) == len(folded)
        assert max(map(len, paths)) <= 160
        names: list[Any] = [part for path in paths for part in path.split("/")]
        assert [name for name in names if re.search(r'[<>:"\\|?*\x00-\x1f]|[. ]$', name)] == []
