"""What of the bureau's lists is not used is told: their names, errors, doubled heads, hidden sheets."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.lists import reviews, roster
from pipeline.lists.sheet_list import ListError
from tests.support import filed
from tests.support.written import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEAD = ("部门名称", "联系电话")


def made(**pages: Sequence[tuple[object, ...]]) -> bytes:
    """Make a workbook of pages; those whose name begins with 旧 are hidden."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in pages.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("旧") else "visible"
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_error(content: bytes) -> bytes:
    """Give a workbook in which the formulas show the error #N/A."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb'(<c r="\w+")[^>]*>(<f>.*?</f>)<v ?/?>(</v>)?', rb'\1 t="e">\2<v>#N/A</v>', part)
            new.writestr(name, part)
    return stream.getvalue()


def test_the_case_of_a_name_does_not_matter(tmp_path: Path) -> None:
    """部门名册.XLSX is taken as 部门名册.xlsx is; where both are there, the run stops and names both."""
    (tmp_path / "部门名册.XLSX").write_bytes(made(名册=[HEAD, ("示例县甲局",)]))
    assert [each.name for each in roster.find(tmp_path).members] == ["示例县甲局"]
    (tmp_path / "部门名册.xlsx").write_bytes(made(名册=[HEAD, ("示例县乙局",)]))
    with pytest.raises(ListError, match=r"部门名册有2份，不知道用哪一份：.*部门名册.XLSX、.*部门名册.xlsx；请只留一份"):
        roster.find(tmp_path)


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    """A dangling link called as a list is no list that is not there: it is told."""
    (tmp_path / "复核意见.XLSX").symlink_to("没有的文件")
    with pytest.raises(ListError, match="读不出复核意见"):
        reviews.find(tmp_path)


def test_a_list_in_a_folder_below_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list that lies in a folder of the inbox is not used, whatever its sheet is called, and the run says so."""
    inbox = tmp_path / "inbox"
    (inbox / "名单").mkdir(parents=True)
    (inbox / "seed.xlsx").write_bytes(filed.workbook(filed.load()))
    (inbox / "名单" / "部门名册.XLSX").write_bytes(made(第一页=[HEAD, ("示例县甲局",)]))
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 0
    told = "名单/部门名册.XLSX：是部门名册，不是报表；要叫 部门名册.xlsx、直接放在收件夹里才会采用"
    assert told in capsys.readouterr().out
    (row,) = (row for row in table(tmp_path / "out" / "2021", "submissions") if "名册" in row["source_file"])
    assert row["status"] == "rejected"


def test_a_name_that_shows_an_error_or_nothing_is_told() -> None:
    """Names that show an error, or are formulas never calculated, are mistakes of the roster, each with its line."""
    content = made(名册=[HEAD, ("示例县甲局",), ("=VLOOKUP(1,A1:A2,1,FALSE)",)])
    with pytest.raises(ListError, match=r"第3行“部门名称”是公式，没有计算结果（请在 Excel 或 WPS 里打开、保存一次）"):
        roster.read("部门名册.xlsx", content)
    with pytest.raises(ListError, match="第3行“部门名称”是错误值 #N/A"):
        roster.read("部门名册.xlsx", with_error(content))


def test_a_telephone_that_shows_an_error_stops_nothing() -> None:
    """A telephone that shows an error is left out and told; the department is there."""
    found = roster.read("部门名册.xlsx", with_error(made(名册=[HEAD, ("示例县甲局", "=VLOOKUP(1,A1:A2,1,FALSE)")])))
    assert [(each.name, each.telephone) for each in found.members] == [("示例县甲局", "")]
    assert found.describe_unused() == "第2行“联系电话”是错误值 #N/A，没有采用"


def test_a_head_that_is_there_again_is_told() -> None:
    """A head repeated on a line below names no department and is told; one repeated in its row is asked about."""
    found = roster.read("部门名册.xlsx", made(名册=[HEAD, ("示例县甲局",), HEAD, ("示例县乙局",)]))
    assert [each.name for each in found.members] == ["示例县甲局", "示例县乙局"]
    assert found.describe_unused() == "第3行“部门名称”不是部门，没有采用"
    with pytest.raises(ListError, match="第1行有不止一栏“部门名称”，不知道用哪一栏；请只留一栏"):
        roster.read("部门名册.xlsx", made(名册=[("部门名称", "部门名称"), ("示例县甲局", "示例县乙局")]))


def test_a_hidden_sheet_is_not_used_and_told() -> None:
    """An old hidden roster is not used, and told; hidden alone, or two that show, are asked."""
    old, new = [HEAD, ("示例县旧局",)], [HEAD, ("示例县新局",)]
    found = roster.read("部门名册.xlsx", made(旧名册=old, 名册=new))
    assert [each.name for each in found.members] == ["示例县新局"]
    assert found.describe_unused() == "隐藏的工作表“旧名册”没有采用"
    with pytest.raises(ListError, match="“一”、“二”都有表头，不知道用哪一页；请只留一页"):
        roster.read("部门名册.xlsx", made(一=old, 二=new))
    with pytest.raises(ListError, match="有表头的“旧名册”是隐藏的工作表，不予采用"):
        roster.read("部门名册.xlsx", made(旧名册=old, 说明=[("请填写",)]))
