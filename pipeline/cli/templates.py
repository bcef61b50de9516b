"""``jixiao templates``: write the blank form, roster and list of waivers, and one form for each department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.options import add_output, add_policy, add_prior, add_roster, add_year, load_chosen_policy
from pipeline.cli.parser import Parser
from pipeline.output.safe_text import legible
from schemas.errors import MistakeError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "templates",
        "生成空白的填报表、评分办法、部门名册和通报等的模板",
        examples=("templates", "templates --roster 部门名册.xlsx --prior output/2020"),
    )
    add_output(made, "input_templates", "文件夹", "写到这里")
    add_year(made)
    add_policy(made)
    add_roster(made, "部门名册；给出时另为每个部门生成一份")
    add_prior(made, "用来预填上年数")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    from pipeline.documents import templates
    from pipeline.lists import prior_year, roster
    from pipeline.output import files as output_files
    from pipeline.workbooks import policy_workbook
    from pipeline.workbooks.blank_lists import write_blank_roster, write_blank_waivers
    from pipeline.workbooks.template import workbook as template_workbook
    from pipeline.workbooks.update_lists import update_list
    from schemas.file_names import DEPARTMENT_FORMS, POLICY, ROSTER, WAIVERS

    chosen = load_chosen_policy(options)
    members = roster.find(options.output, options.roster) if options.roster else roster.Roster()
    before = prior_year.load(options.prior, chosen.year) if options.prior else prior_year.nothing()
    blanks = {
        template_workbook.file_name(chosen): template_workbook.write_form(chosen),
        POLICY: policy_workbook.write_policy(chosen.from_its_year()),
        ROSTER: write_blank_roster(),
        WAIVERS: write_blank_waivers(),
    }
    blanks |= {
        templates.CIRCULAR: templates.circular_template(),
        templates.SELF_REPORT: templates.self_report_template(),
    }
    for name, content in blanks.items():
        path = options.output / name
        updated = update_list(name, _filed(path), before.figures["department"]) if path.is_file() else None
        aside = output_files.write_file_keeping_old(path, updated[0] if updated else content)
        told = [updated[1]] if updated else []
        told += [f"原有的文件改名为 {legible(aside.name)}"] if aside else []
        print(f"{'已有' if updated else '已生成'}：{legible(path)}" + (f"（{'；'.join(told)}）" if told else ""))
    folder = options.output / DEPARTMENT_FORMS
    own = list(template_workbook.write_department_forms(chosen, members, before))
    asides = [output_files.write_file_keeping_old(folder / name, content) for name, content in own]
    if own:
        print(f"已生成各部门的填报表 {len(own)} 份：{legible(folder)}")
    kept = [legible(each.name) for each in asides if each]
    if kept:  # somebody may have filled them in here
        print(f"  原有的、与新的不同的 {len(kept)} 份改了名保存在同一文件夹：{'、'.join(kept)}")
    return 0


def _filed(path: Path) -> bytes:
    """Give the bytes of a file that is there, within the bounds of everything that is read.

    Raises:
        MistakeError: it is none that is read.
    """
    from pipeline.guard import Refused, content

    try:
        return content(path)
    except Refused as refusal:
        raise MistakeError(f"读不出 {legible(path)}：{refusal}。") from refusal
