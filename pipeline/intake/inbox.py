"""List every file of the inbox, and tell which are no returns. Does not import pandas."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from pipeline.output.files import OWN, RECORD
from pipeline.output.safe_text import legible, spelt
from schemas.errors import MistakeError
from schemas.lists.own_files import LISTS

if TYPE_CHECKING:
    from pathlib import Path, PurePath

IGNORED_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
IGNORED_ENDS = (".tmp", ".part", ".crdownload", ".bak")
PLAIN_WORDS = (".md",)


class NothingToEvaluateError(Exception):
    """No file of the inbox could be evaluated; the message says why and what to do."""


class InboxFile(NamedTuple):
    """A file of the inbox: what it is called in messages, where it is, and why it is no return, "" for one."""

    name: str
    path: Path
    passed_over: str


def list_inbox(inbox: Path, output: Path) -> list[InboxFile]:
    """Give every file of the inbox and its folders, in the order of their names, and folders that cannot be opened.

    What a run writes is no return: where the output is a folder of the inbox, it is left out; where it is the inbox
    itself, the results in it are.

    Raises:
        OSError: the inbox itself cannot be opened.
    """
    files, closed = _found(inbox, output.resolve())
    found = ((path, path.relative_to(inbox)) for path in sorted([*files, *closed]))
    return [InboxFile(spelt(at.as_posix()), path, "" if path in closed else passed_over(at)) for path, at in found]


def county_folders(inbox: Path, output: Path) -> dict[str, Path]:
    """Give the folder of each county, where an inbox holds several.

    Raises:
        MistakeError: there is none, or one is called as a year is, which the results of all of them are called.
    """
    own = output.resolve()
    found = {
        path.name: path
        for path in sorted(inbox.iterdir())
        if path.is_dir() and not path.name.startswith(".") and path.resolve() != own
    }
    if not found:
        raise MistakeError(f"{inbox} 里没有县的文件夹；每个县（市、区）一个文件夹，里面放各部门的报表。")
    years = [name for name in found if name.isdecimal()]
    if years:
        raise MistakeError(f"县的文件夹不能用数字作名称：{'、'.join(years)}；请改成县名。")
    return found


def _found(inbox: Path, output: Path) -> tuple[list[Path], set[Path]]:
    """Give every file and link of a folder and those below it, without what a run wrote, and what cannot be opened."""
    files: list[Path] = []
    closed: set[Path] = set()
    root, waiting = inbox.resolve(), [inbox]
    # Not os.walk: it calls itself for every level, and a thousand folders in each other would end it.
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as found:
                folders = {each.name: each.is_dir(follow_symlinks=False) for each in found}
        except OSError as error:
            if here == inbox:
                raise
            if not isinstance(error, FileNotFoundError):  # gone since its own folder was looked into
                closed.add(here)
            continue
        files += [here / name for name, is_folder in folders.items() if not is_folder]
        below = [here / name for name, is_folder in folders.items() if is_folder]
        waiting += [each for each in below if not _written(root / each.relative_to(inbox), root, output)]
    return files, closed


def _written(folder: Path, inbox: Path, output: Path) -> bool:
    """Tell whether a folder of the inbox holds what runs wrote."""
    if inbox == output:
        return folder.parent == output and (folder.name == OWN or (folder / RECORD).is_file())
    return folder == output


def with_lists_elsewhere(file: InboxFile, lists: Path | None) -> str:
    """Say why a file is passed over where the bureau's lists are taken from another folder: one here is not used."""
    if lists is None or file.path.name.lower() not in LISTS:
        return file.passed_over
    return f"{file.passed_over}，没有采用：名单用的是 {legible(lists)} 里的"


def bureau_lists(folder: Path) -> list[Path]:
    """Give the lists of the bureau that lie in a folder."""
    return sorted(each for each in folder.iterdir() if each.name.lower() in LISTS)


def passed_over(path: PurePath) -> str:
    """Say why a file, by its place in the inbox, is passed over; "" for one that must be read as a return.

    A list that lies deeper is not taken for one: whoever has filled it in is told, as of a return that is none.
    """
    name = path.name.lower()
    if name in LISTS and len(path.parts) == 1:
        return f"{LISTS[name]}，不是报表"
    if name.startswith(("~$", ".~")):
        return "办公软件打开文件时留下的临时文件"
    if name in IGNORED_NAMES or name.startswith(".") or name.endswith(IGNORED_ENDS):
        return "系统或临时文件"
    return "说明文字" if name.endswith(PLAIN_WORDS) else ""
