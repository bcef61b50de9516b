"""``jixiao report``: write the circular of a run, or reports of departments, as Word documents."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from pipeline.cli.options import add_output, add_year, choose_year
from pipeline.cli.parser import NOTHING, WRONG_USAGE, Parser
from pipeline.output.safe_text import legible
from schemas.errors import MistakeError
from schemas.file_names import CIRCULARS


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "report",
        "按评价结果写全县通报、部门的自评报告或催报通知（Word）",
        detail="模板在 input_templates 里，可以复制一份修改后用 --template 指定。",
        examples=(
            "report",
            "report 县水利局",
            "report --public 县水利局",
            "report --reminders --by 2022-05-20",
            "report --template 我的模板.docx",
        ),
        ends={0: "已写入", NOTHING: "没有评价结果，或没有这个部门", WRONG_USAGE: "模板有错误"},
    )
    made.add_argument("departments", nargs="*", metavar="部门", help="写这些部门的自评报告；不写则写全县通报")
    made.add_argument("--public", action="store_true", help="写这些部门的公开版：不含人名、电话和核算、审核意见")
    add_output(made, "output", "结果夹", "评价结果在这里")
    add_year(made, "results")
    made.add_argument("--reminders", action="store_true", help="写催报通知，每个未报、迟报或有错误的部门一页")
    made.add_argument("--by", type=_day, metavar="日期", help="催报通知中的期限，如 2022-05-20，默认为名册的截止日期")
    made.add_argument("--template", type=Path, metavar="模板", help="自己改过的模板（.docx），默认用自带的")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    from pipeline.documents import templates
    from pipeline.documents.circular import write_circular
    from pipeline.documents.public_version import public_version
    from pipeline.documents.reminders import write_reminders
    from pipeline.documents.self_report import write_self_report
    from pipeline.output import files as output_files
    from pipeline.output.read_back import AccountError, NoResultsError, policy
    from schemas.file_names import CIRCULAR, PUBLIC, REMINDERS, SELF_REPORTS

    folder = options.output / str(choose_year(options))
    template = _template(options.template)
    if options.public and not options.departments:
        raise MistakeError("公开版按部门写，请写明是哪些部门，例如：jixiao report --public 县水利局")
    try:
        chosen = policy(folder)
        if options.public:
            public = [public_version(folder, each, chosen) for each in options.departments]
            names = output_files.file_names(name for name, _, _ in public)
            files = {}
            for name, document, page in public:
                files[folder / CIRCULARS / PUBLIC / f"{names[name]}.docx"] = document
                files[folder / CIRCULARS / PUBLIC / f"{names[name]}.html"] = page
        elif options.reminders:
            content = write_reminders(folder, chosen.year, options.departments, options.by)
            files = {folder / CIRCULARS / REMINDERS: content}
        elif options.departments:
            model = template or templates.self_report_template()
            made = [write_self_report(folder, each, chosen, model) for each in options.departments]
            names = output_files.file_names(name for name, _ in made)
            files = {folder / CIRCULARS / SELF_REPORTS / f"{names[name]}.docx": content for name, content in made}
        else:
            files = {
                folder / CIRCULARS / CIRCULAR: write_circular(folder, chosen, template or templates.circular_template())
            }
    except (AccountError, NoResultsError) as error:
        print(error, file=sys.stderr)
        return NOTHING
    except ArithmeticError:  # a cell that held a number has been changed
        print(f"{legible(folder)} 里的数据被改动过，读不出数；请重新运行 make evaluate。", file=sys.stderr)
        return NOTHING
    for path, content in files.items():
        aside = output_files.write_file_keeping_old(path, content)
        print(f"已写入：{legible(path)}" + (f"（原有的文件改名为 {legible(aside.name)}）" if aside else ""))
    return 0


def _day(text: str) -> datetime.date:
    """Read a day."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"应为日期，如 2022-05-20，填写的是“{text}”") from error


def _template(path: Path | None) -> bytes:
    """Read the template given on the command line; b"" where none is."""
    from pipeline.documents.docx import open_document
    from pipeline.guard import Refused, content

    if path is None:
        return b""
    if not path.exists():
        raise MistakeError(f"没有找到模板：{legible(path)}")
    try:
        given = content(path)
        open_document(given)
    except Refused as refusal:
        raise MistakeError(f"模板 {legible(path)} 不能用：{refusal}") from refusal
    return given
