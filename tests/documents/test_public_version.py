"""What is disclosed of a department: its form, without persons, telephones and what we computed or found."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import docx
import pytest

from pipeline.__main__ import main
from pipeline.documents.public_version import LEFT_OUT, public_version
from pipeline.evaluate import evaluate
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

OFFICE = "示例县样板局"
SAID = "联系人：赵六七，电话0731-88888888，手机 13812345678；<b>完成较好</b>，由钱八九牵头。"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, clean: dict[str, Any], policy: Policy) -> Path:
    """Give the results of a department that names persons and telephones in its form and in running text."""
    folder = tmp_path_factory.mktemp("public")
    (folder / "inbox").mkdir()
    fields = {"filled_by": "钱八九", "telephone": "0731-12345678", "signed_by": "孙十全", "goal_achieved": SAID}
    (folder / "inbox" / "局.xlsx").write_bytes(filed.workbook(filed.changed(clean, {"fields": fields}, OFFICE)))
    return evaluate(folder / "inbox", folder / "output", policy).folder


def written(document: bytes) -> str:
    """Give all text of a Word document."""
    made = docx.Document(io.BytesIO(document))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in made.paragraphs), *cells])


def test_no_person_and_no_telephone_is_disclosed(results: Path, policy: Policy) -> None:
    """Names and numbers that the department filed stand neither in the document nor on the page."""
    _, document, page = public_version(results, OFFICE, policy)
    for text in (written(document), page.decode()):
        for private in ("钱八九", "孙十全", "赵六七", "0731", "88888888", "12345678", "13812345678", "填表人"):
            assert private not in text
        assert LEFT_OUT in text
        assert "牵头" in text


def test_what_was_filed_is_disclosed_and_nothing_else(results: Path, policy: Policy, clean: dict[str, Any]) -> None:
    """Department, amounts, goals and every indicator are there; nothing computed, no finding, and text is only text."""
    _, document, page = public_version(results, OFFICE, policy)
    for text in (written(document), page.decode()):
        assert OFFICE in text
        for row in clean["indicators"]:
            assert str(row["level3"]) in text
        for ours in ("核算", "判定", "错误", "提醒", "复核"):
            assert ours not in text
    assert "&lt;b&gt;完成较好" in page.decode()
    assert b"<script" not in page


def test_the_command_writes_both(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`jixiao report --public 部门` writes a .docx and an .html that are the same bytes when written again."""
    output = str(results.parent)
    assert main(["report", "--public", OFFICE, "-o", output, "--year", "2021"]) == 0
    folder = results / "通报" / "公开"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {f"{OFFICE}.docx", f"{OFFICE}.html"}
    assert main(["report", "--public", OFFICE, "-o", output, "--year", "2021"]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    capsys.readouterr()
    assert main(["report", "--public", "-o", output, "--year", "2021"]) == 2
    assert "请写明是哪些部门" in capsys.readouterr().err
