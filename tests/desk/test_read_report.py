"""The report on a department read back from the results of a run is that of checking its return."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.desk.check_processes import Upload
from pipeline.desk.precheck import check_upload
from pipeline.desk.read_report import read_report
from pipeline.evaluate import evaluate
from pipeline.output.read_back import AccountError
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.desk.precheck_report import PrecheckReport
    from schemas.policy import Policy

OFFICE = "衡阳县科技和工业信息化局"


def rounded(report: PrecheckReport) -> PrecheckReport:
    """Give a report with the points of its indicators to the ninth decimal."""
    rows = [replace(each, weight=round(each.weight, 9), points=round(each.points, 9)) for each in report.indicators]
    return replace(report, indicators=tuple(rows))


def test_what_is_read_back_is_what_checking_tells(tmp_path: Path, seed: dict[str, Any], policy: Policy) -> None:
    """Points, findings, what to do first, ways to the points and entries of the real return are as its check has them.

    CSV keeps twelve digits of a number.
    """
    content = filed.workbook(seed)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "局.xlsx").write_bytes(content)
    run = evaluate(tmp_path / "inbox", tmp_path / "out", policy)
    checked = check_upload(Upload("局.xlsx", content), policy)
    found = read_report(run.folder, OFFICE, policy)
    checked, found = rounded(checked), rounded(found)
    assert found.counts == checked.counts
    assert found.scores == checked.scores
    assert found.indicators == checked.indicators
    assert found.entries == checked.entries
    assert found == replace(checked, problems=found.problems)
    lines = [(each.rule, each.cells, " ".join(each.message.split())) for each in checked.problems]
    assert [(each.rule, each.cells, each.message) for each in found.problems] == lines


def test_a_department_that_is_not_there_is_told(tmp_path: Path, clean: dict[str, Any], policy: Policy) -> None:
    """A name that the results do not have is an error in words."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "局.xlsx").write_bytes(filed.workbook(clean))
    run = evaluate(tmp_path / "inbox", tmp_path / "out", policy)
    with pytest.raises(AccountError, match="结果中没有“无此局”"):
        read_report(run.folder, "无此局", policy)
