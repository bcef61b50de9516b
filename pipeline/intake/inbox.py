"""List every file of the inbox, and tell which are no returns. Does not import pandas."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import NamedTuple

from pipeline.output.files import is_own_folder
from pipeline.output.safe_text import legible, spelt
from pipeline.output.sealed import what_was_written
from schemas.errors import MistakeError
from schemas.file_names import POLICY, RECORD
from schemas.lists.own_files import LISTS

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

    A folder of results, a backup for instance, is one line: what in it is as a run wrote it is not listed. What a run
    writes is no return: where the output is a folder of the inbox, it is left out; where it is the inbox
    itself, the results in it are.

    Raises:
        OSError: the inbox itself cannot be opened.
    """
    files, closed, results = _found(inbox, output.resolve())
    found = ((path, path.relative_to(inbox)) for path in sorted([*files, *closed, *results]))
    return [
        InboxFile(spelt(at.as_posix()), path, results.get(path, "") or ("" if path in closed else passed_over(at)))
        for path, at in found
    ]


class CountyFolders(NamedTuple):
    """The folder of each county by its name, and what else lies beside them: names, and why each is not evaluated."""

    folders: dict[str, Path]
    left_out: list[tuple[str, str]]


def list_counties(inbox: Path, output: Path) -> CountyFolders:
    """List the folders of counties of an inbox that holds several, and what lies beside them.

    Raises:
        MistakeError: there is none, or one is called as a year is, which the results of all of them are called.
    """
    found: dict[str, Path] = {}
    left_out = []
    beside = sorted(path for path in inbox.iterdir() if path.resolve() != output.resolve())
    for path in sorted(beside, key=Path.is_symlink):  # of a folder and a link to it the folder is the county
        if path.is_dir() and not path.name.startswith("."):
            same = next((name for name, other in found.items() if _overlap(path.resolve(), other.resolve())), "")
            if path.is_symlink() and inbox.resolve().is_relative_to(path.resolve()):
                left_out.append((path.name, "是链接，指向收件夹本身；请删去"))
            elif same:
                left_out.append(
                    (path.name, f"与 {same} 是同一个文件夹，或一个在另一个里面，只评价后者；请删去多余的链接")
                )
            else:
                found[path.name] = path
        else:
            why = _beside_counties(path)
            left_out += [(path.name, why)] if why else []
    if not found:
        raise MistakeError(f"{inbox} 里没有县的文件夹；每个县（市、区）一个文件夹，里面放各部门的报表。")
    years = [name for name in found if name.isdecimal()]
    if years:
        raise MistakeError(f"县的文件夹不能用数字作名称：{'、'.join(years)}；请改成县名。")
    return CountyFolders(dict(sorted(found.items())), [(spelt(name), why) for name, why in sorted(left_out)])


def _overlap(first: Path, second: Path) -> bool:
    return first.is_relative_to(second) or second.is_relative_to(first)


def _beside_counties(path: Path) -> str:
    """Say why a file beside the folders of counties is not used; "" for one that is, or is none of people's."""
    name = path.name.lower()
    if name == POLICY.lower():
        return ""
    if name in LISTS:
        return f"是{LISTS[name]}，放在各县文件夹的外面，没有采用；请放进所属县的文件夹"
    if passed_over(PurePath(path.name)):
        return ""
    if path.is_symlink() and not path.exists():
        return f"是打不开的链接，指向 {legible(path.readlink())}；请修好或删去"
    return "放在各县文件夹的外面，没有评价；请移到所属县的文件夹里"


def _found(inbox: Path, output: Path) -> tuple[list[Path], set[Path], dict[Path, str]]:
    """Give every file and link of a folder and those below it, what cannot be opened, and folders of results.

    Of the results, which are told in words, only what is not as a run wrote it is among the files.
    """
    files: list[Path] = []
    closed: set[Path] = set()
    results: dict[Path, str] = {}
    as_written: set[Path] = set()
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
        if here != inbox and RECORD in folders:
            proven = _as_written(here)
            as_written |= proven
            if proven:
                results[here] = f"是评价结果（其中 {len(proven)} 个文件与写出时相同），不是报表，没有读取"
        files += [here / name for name, is_folder in folders.items() if not is_folder]
        below = [here / name for name, is_folder in folders.items() if is_folder]
        waiting += [each for each in below if not _written(root / each.relative_to(inbox), root, output)]
    return [path for path in files if path not in as_written], closed, results


def _as_written(folder: Path) -> set[Path]:
    """Give what in a folder of results is, to the byte, what a run wrote there."""
    written = what_was_written(folder)
    names = [*written.digests, RECORD] if written.digests else []
    return {folder / name for name in names if written.proves(folder / name, name)}


def _written(folder: Path, inbox: Path, output: Path) -> bool:
    """Tell whether a folder of the inbox holds what runs wrote."""
    if inbox == output:
        return folder.parent == output and (is_own_folder(folder.name) or (folder / RECORD).is_file())
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
