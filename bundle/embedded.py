"""Put an embeddable Python for Windows into a bundle, with the libraries, so that an office needs nothing at all."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from bundle.target import Target, needed_entries

FOLDER = "python"
"""Where it lies, below the folder of the program."""
_LIBRARIES = "Lib\\site-packages"
_PTH = re.compile(r"python3(\d+)\._pth")
"""The file that says where an embeddable Python looks for modules; its name says of which version it is."""
_SYSTEM = "win-amd64"
_DEVICES = re.compile(r'[:*?"<>|\\\x00-\x1f]')


class NotEmbeddableError(Exception):
    """The file is no embeddable Python that can be used; the message is in Chinese."""


def version_of(archive: Path) -> Target:
    """Give the system and version that an embeddable Python is for.

    Raises:
        NotEmbeddableError: it is no archive of one, or has names that lead out of it.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise NotEmbeddableError(f"{archive} 打不开，不是嵌入式 Python 的压缩包。") from error
    versions = [found[1] for found in map(_PTH.fullmatch, names) if found]
    if "python.exe" not in names or len(versions) != 1:
        raise NotEmbeddableError(f"{archive} 不是 Python 官方的嵌入式压缩包（embed-amd64.zip）。")
    if any(_DEVICES.search(name) or name.startswith("/") or ".." in name.split("/") for name in names):
        raise NotEmbeddableError(f"{archive} 里的文件名不合常规，没有使用。")
    return Target(_SYSTEM, f"3.{versions[0]}")


def sha256_of(archive: Path) -> str:
    """Give the hash of an archive, which its maker publishes too."""
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def embed(archive: Path, program: Path, lock: str) -> None:
    """Unpack an embeddable Python and install the libraries of a lock into it.

    Args:
        archive: the embeddable Python, which `version_of` has accepted.
        program: the folder of the program in the bundle, whose ``wheels`` have all that the lock needs.
        lock: the lock, the project itself included.
    """
    target, folder = version_of(archive), program / FOLDER
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    (paths,) = folder.glob("python3*._pth")
    lines = [line for line in paths.read_text(encoding="ascii").splitlines() if not line.startswith("#")]
    paths.write_text("\r\n".join([*lines, _LIBRARIES, ""]), encoding="ascii", newline="")
    with tempfile.TemporaryDirectory() as scratch:
        asked = Path(scratch) / "asked.txt"
        asked.write_text("\n".join(needed_entries(lock, target)) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
        command += ["--find-links", str(program / "wheels"), "--require-hashes", "--only-binary=:all:"]
        command += ["--implementation", "cp", "--python-version", target.python]
        command += [part for tag in target.tags for part in ("--platform", tag)]
        where = folder.joinpath(*_LIBRARIES.split("\\"))
        subprocess.run([*command, "--target", str(where), "-r", str(asked)], check=True)
