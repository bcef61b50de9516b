"""Links between workbooks lead to the files they name, whatever these are called."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree

from pipeline.__main__ import main
from pipeline.output.files import relative_link
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("县水利局#终稿", "占比50%20局", "甲+乙局", "两 词局", "引'号\"局", "和&局", "[方]局", "常规局")


def targets(workbook: Path) -> set[str]:
    """Give the targets of the links to other files."""
    with zipfile.ZipFile(workbook) as package:
        relations = [name for name in package.namelist() if "worksheets/_rels" in name]
        parts = [ElementTree.fromstring(package.read(name)) for name in relations]  # noqa: S314 - we wrote it
    links = (each for part in parts for each in part if each.get("Type", "").endswith("/hyperlink"))
    return {str(each.get("Target")) for each in links if each.get("TargetMode") == "External"}


def opened(folder: Path, target: str) -> Path:
    """Give the file to which an office program goes: separators either way, nothing behind #, %XX decoded once."""
    assert "#" not in target
    assert " " not in target
    return folder / unquote(target.replace("\\", "/").removeprefix("file:///"))


def test_every_link_of_the_county_workbook_opens_a_file(tmp_path: Path) -> None:
    """F38: with #, %, +, spaces and quotes in names, each link names a scored workbook, and each is linked."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in NAMES:
        (inbox / f"{name}.xlsx".replace('"', "")).write_bytes(filed.workbook(filed.changed(filed.load(), {}, name)))
    (inbox / "县财政局#终稿.xlsx").write_bytes(filed.workbook(filed.changed(filed.load(), {}, "")))
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 0
    folder = tmp_path / "out" / "2021"
    found = {opened(folder, each) for each in targets(folder / "全县汇总.xlsx")}
    assert found == set((folder / "部门评分").iterdir())
    assert len(found) == len(NAMES) + 1


def test_the_links_above_counties_open_their_workbooks(tmp_path: Path) -> None:
    """A county's folder may be called with # and %: the workbook above all counties leads to its own."""
    for county in ("甲县#1", "乙县 50%"):
        (tmp_path / "inbox" / county).mkdir(parents=True)
        (tmp_path / "inbox" / county / "seed.xlsx").write_bytes(filed.workbook(filed.load()))
    output = tmp_path / "out"
    assert main(["evaluate", str(tmp_path / "inbox"), "-o", str(output), "--counties", "--jobs", "1"]) == 0
    found = {opened(output / "2021", each).resolve() for each in targets(output / "2021" / "各县汇总.xlsx")}
    assert found == {(output / county / "2021" / "全县汇总.xlsx").resolve() for county in ("甲县#1", "乙县 50%")}


def test_the_pages_name_no_file_in_a_link() -> None:
    """The local pages link to fixed addresses and to blobs; the name of a department is escaped, and one of no file."""
    static = filed.ROOT / "pipeline" / "web" / "static"
    links = [
        link
        for page in sorted(static.glob("*.html"))
        for link in re.findall(r'href="([^"]*)"', page.read_text("utf-8"))
    ]
    assert links
    assert all(re.fullmatch(r"[/#][\w./-]*", link) for link in links)
    scripts = "".join(path.read_text("utf-8") for path in static.glob("*.js"))
    found = {link.strip() for link in re.findall(r"href: ([^,}]*)", scripts)}
    assert found <= {"addresses[at]", "`#f${at", '"/county"', "`/department?name=${encodeURIComponent(name)"}


def test_only_what_means_something_else_is_escaped() -> None:
    """Chinese stays as it is: 部门评分/甲#1.xlsx is 部门评分/甲%231.xlsx."""
    assert relative_link("部门评分/甲#1 50%.xlsx") == "部门评分/甲%231%2050%25.xlsx"
