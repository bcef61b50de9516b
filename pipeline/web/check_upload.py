"""Check a workbook that was dropped on the page, in a process of its own, bounded in time and memory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pipeline.desk import precheck
from pipeline.intake.identify import refused_alone
from pipeline.output import files as output_files
from pipeline.reading import read
from pipeline.reading.submission import LOST
from pipeline.workbooks import returned
from pipeline.workbooks.scored import workbook as scored_workbook
from pipeline.workers import SECONDS, LocalProcesses, map_isolated

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.workbooks.scored.data import DepartmentReport
    from schemas.policy import Policy


class Upload(NamedTuple):
    """A file as it was dropped: its name, for messages, and its bytes."""

    name: str
    content: bytes


class UploadResult(NamedTuple):
    """The report on an upload, and workbooks to download: what each is, its file name and its bytes."""

    report: precheck.PrecheckReport
    workbooks: tuple[tuple[str, str, bytes], ...] = ()


def check_upload(upload: Upload, policy: Policy) -> UploadResult:
    """Read and evaluate an upload and write its workbooks, all in memory."""
    reading = read.read(upload.name, upload.content, policy.year)
    if refused_alone(reading, policy.year):
        return UploadResult(precheck.check_submission(reading, policy))
    report = precheck.evaluate_one(reading, policy)
    return UploadResult(precheck.to_report(report), tuple(_workbooks(report, upload.content)))


def _workbooks(report: DepartmentReport, content: bytes) -> list[tuple[str, str, bytes]]:
    name = output_files.file_names([report.department])[report.department]
    books = [("评分工作簿", f"{name}（评分）.xlsx", scored_workbook.write_scored_workbook(report))]
    if any(returned.select_counted(report.findings)):
        about = returned.ReturnIdentity(report.department, report.year, report.source_file)
        marked = returned.write_returned_workbook(content, report.lines, report.findings, about)
        books.insert(0, ("标明问题的报表", f"{name}（审核意见）.xlsx", marked))
    return books


def check_in_own_process(
    upload: Upload,
    policy: Policy,
    seconds: int = SECONDS,
    work: Callable[[Upload, Policy], UploadResult] = check_upload,
) -> UploadResult:
    """Examine an upload in a process of its own: one that ends or fills its process costs only itself."""
    given, lost = partial(_check_or_give_up, policy=policy, work=work), partial(_gave_up, policy)
    with LocalProcesses(1, [__name__]) as one:
        (examined,) = map_isolated(given, [upload], lost, one, seconds)
        return examined


def _check_or_give_up(upload: Upload, policy: Policy, work: Callable[[Upload, Policy], UploadResult]) -> UploadResult:
    try:
        return work(upload, policy)
    except MemoryError:
        return _gave_up(policy, upload)


def _gave_up(policy: Policy, upload: Upload) -> UploadResult:
    return UploadResult(precheck.PrecheckReport(upload.name, policy.year, LOST))
