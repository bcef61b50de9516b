"""What a workbook brings along that would run, connect or fetch is a finding, whatever its parts are called."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from pipeline.reading.read import read
from tests.reading.test_layouts import facts
from tests.reading.test_versions import with_members
from tests.support import filed, forged
from tests.workbooks.returned.test_allowed_parts import CASES, planted


@pytest.mark.parametrize(
    ("name", "rules", "stated"),
    [
        ("a VBA project under another name", {"macros"}, ""),
        ("a VBA project as a picture", {"macros"}, ""),
        ("a DDE link", {"external_links", "active_parts"}, "DDE 链接"),
        ("a connection that refreshes on opening", {"active_parts"}, "打开时自动刷新的数据连接"),
        ("an embedded object", {"active_parts"}, "嵌入的对象"),
        ("an ActiveX control", {"active_parts"}, "控件"),
        ("a menu of its own", {"active_parts"}, "自定义菜单"),
        ("a web extension", {"active_parts"}, "网页加载项"),
        ("a pivot table", set[str](), ""),
    ],
)
def test_what_a_workbook_brings_along_is_told(name: str, rules: set[str], stated: str, clean: dict[str, Any]) -> None:
    """No network, nothing executed: what would run, connect or fetch is a finding, whatever its part is called."""
    content = filed.workbook(clean)
    what = CASES[name]._replace(inside="")
    found = read("a.xlsx", planted(content, what), 2021)
    assert {each.rule for each in found.findings} == rules
    told = [each.stated for each in found.findings if each.rule == "active_parts"]
    assert any(stated in each.split("、") for each in told) or not stated
    assert facts(found) == facts(read("b.xlsx", content, 2021))


@pytest.mark.parametrize(
    ("kind", "stated"), [("image", "链接到别处的图片"), ("attachedTemplate", "链接到别处的模板"), ("hyperlink", "")]
)
def test_what_is_fetched_from_elsewhere_is_told(kind: str, stated: str, clean: dict[str, Any]) -> None:
    """A picture or template that lies outside the workbook is a finding, whatever part refers to it; a link is none."""
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{forged.OFFICE}/{kind}" Target="http://example.org/x" TargetMode="External"/></Relationships>'
    )
    content = with_members(filed.workbook(clean), {"xl/drawings/_rels/drawing9.xml.rels": relation})
    assert [(each.rule, each.stated) for each in read("a.xlsx", content, 2021).findings] == (
        [("active_parts", stated)] if stated else []
    )


def test_an_old_macro_sheet_is_told_as_such(clean: dict[str, Any]) -> None:
    """A sheet of Excel 4.0 macros, under the name of any part, is told as one; the annexes beside it are read."""
    content = filed.workbook(clean)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book, related = archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels")
    kind = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
    relation = f'<Relationship Id="rIdM" Type="{kind}" Target="worksheets/plain.xml"/></Relationships>'
    content = with_members(
        content,
        {
            "xl/workbook.xml": book.replace(b"</sheets>", b'<sheet name="M" sheetId="99" r:id="rIdM"/></sheets>'),
            "xl/_rels/workbook.xml.rels": related.replace(b"</Relationships>", relation.encode()),
            "xl/worksheets/plain.xml": forged.sheet(forged.row(forged.cell("A1"))),
        },
    )
    found = read("a.xlsm", content, 2021)
    assert {(each.rule, each.stated) for each in found.findings} >= {("active_parts", "Excel 4.0 宏表")}
    assert "macros" in {each.rule for each in found.findings}
    assert facts(found) == facts(read("b.xlsx", filed.workbook(clean), 2021))
