"""What a run wrote decides nothing in the inbox: workbooks that went back, untouched, and whole folders of results."""

from __future__ import annotations

import io
import os
import shutil
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.evaluate import evaluate
from pipeline.intake.inbox import list_inbox
from tests.support import filed
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

OFFICE = "衡阳县科技和工业信息化局"


@pytest.fixture
def inbox(tmp_path: Path, seed: dict[str, Any]) -> Path:
    """Give an inbox with the seed return, which goes back."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "原件.xlsx").write_bytes(filed.workbook(seed))
    os.utime(folder / "原件.xlsx", (1_650_000_000,) * 2)
    return folder


def statuses(folder: Path) -> dict[str, tuple[str, str]]:
    """Give status and reason of each file."""
    return {row["source_file"]: (row["status"], row["reason"]) for row in table(folder, "submissions")}


def corrected(path: Path) -> bytes:
    """Give a workbook that went back with 三公经费 of the first year filled in anew, as its department saves it."""
    book = openpyxl.load_workbook(path)
    sheet = next(each for each in book if each.title.startswith("附件1-1") or "基础数据" in each.title)
    cell = next(cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, (int, float)))
    cell.value = cell.value + 1
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_an_untouched_copy_is_no_new_return(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """One bad file never stops the others: a workbook that went back, untouched, is told and counts for nothing."""
    folder = evaluate(inbox, tmp_path / "out", policy).folder
    shutil.copy(folder / "退回修改" / f"{OFFICE}.xlsx", inbox / "退回.xlsx")
    for _ in range(2):
        evaluate(inbox, tmp_path / "out", policy)
        status, reason = statuses(folder)["退回.xlsx"]
        assert (status, statuses(folder)["原件.xlsx"][0]) == ("rejected", "accepted_with_errors")
        assert reason == "是评价时写出的“退回修改”，没有改动过，不是新的报表；请改正后再报送"


@pytest.mark.parametrize("seconds", [-86_400, 0, 86_400])
def test_a_corrected_copy_succeeds_what_it_was_made_from(
    seconds: int, inbox: Path, tmp_path: Path, policy: Policy
) -> None:
    """Corrected, it counts before the return that it was made from, whatever the times of the files say."""
    folder = evaluate(inbox, tmp_path / "out", policy).folder
    (inbox / "改正.xlsx").write_bytes(corrected(folder / "退回修改" / f"{OFFICE}.xlsx"))
    os.utime(inbox / "改正.xlsx", (1_650_000_000 + seconds,) * 2)
    shutil.rmtree(tmp_path / "out")  # also where nothing is known of earlier runs
    evaluate(inbox, tmp_path / "out", policy)
    assert statuses(folder)["改正.xlsx"][0].startswith("accepted")
    assert statuses(folder)["原件.xlsx"][0] == "superseded"
    assert "order_unclear" not in {row["rule"] for row in table(folder, "findings")}


def test_a_folder_of_results_is_one_line(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """One bad file never stops the others: a backup of results is one line; what was corrected in it is a return."""
    folder = evaluate(inbox, tmp_path / "out", policy).folder
    points = [row["points"] for row in table(folder, "summary")]
    shutil.copytree(folder, inbox / "备份" / "2021")
    written = sum(path.is_file() for path in folder.rglob("*"))
    evaluate(inbox, tmp_path / "out", policy)
    told = f"是评价结果（其中 {written} 个文件与写出时相同），不是报表，没有读取"
    assert statuses(folder) == {"备份/2021": ("ignored", told), "原件.xlsx": ("accepted_with_errors", "")}
    assert [row["points"] for row in table(folder, "summary")] == points
    path = inbox / "备份" / "2021" / "退回修改" / f"{OFFICE}.xlsx"
    path.write_bytes(corrected(path))
    assert [each.name for each in list_inbox(inbox, tmp_path / "out")] == [
        "原件.xlsx",
        "备份/2021",
        f"备份/2021/退回修改/{OFFICE}.xlsx",
    ]
