"""Write the workbooks about one return before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.desk.precheck import evaluate_one, read_upload
from pipeline.intake.identify import refused_alone
from pipeline.output import files as output_files
from pipeline.workbooks import returned
from pipeline.workbooks.scored.workbook import write_scored_workbook

if TYPE_CHECKING:
    from pipeline.desk.check_processes import Upload, Workbooks
    from schemas.policy import Policy


def write_workbooks(upload: Upload, policy: Policy) -> Workbooks:
    """Write the workbooks about an upload, in memory; none where it is no return of the year."""
    reading = read_upload(upload, policy)
    if refused_alone(reading, policy.year):
        return ()
    report = evaluate_one(reading, policy)
    name = output_files.file_names([report.department])[report.department]
    scored = ("评分工作簿", f"{name}（评分）.xlsx", write_scored_workbook(report))
    if not any(returned.select_counted(report.findings)):
        return (scored,)
    about = returned.ReturnIdentity(report.department, report.year, report.source_file)
    marked = returned.write_returned_workbook(upload.content, report.lines, report.findings, about)
    return (("标明问题的报表", f"{name}（审核意见）.xlsx", marked), scored)
