"""``jixiao templates``: the blank form, roster and list of waivers, and one form for each department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.commands.parser import Parser
from pipeline.commands.shared import chosen_policy, with_output, with_prior, with_roster, with_year

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """Give the parser of the command."""
    made = Parser(
        "templates",
        "生成空白的填报表、部门名册、豁免表和通报等的模板",
        examples=("templates", "templates --roster 部门名册.xlsx --prior output/2020"),
    )
    with_output(made, "input_templates", "文件夹", "写到这里")
    with_year(made)
    with_roster(made, "部门名册；给出时另为每个部门生成一份")
    with_prior(made, "用来预填上年数")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    from pipeline import export, prior, roster, template, waivers
    from pipeline.word import kept, models
    from schemas.roster import FILE as ROSTER
    from schemas.waiver import FILE as WAIVERS

    chosen = chosen_policy(options)
    members = roster.find(options.output, options.roster) if options.roster else roster.Roster()
    before = prior.load(options.prior, chosen.year) if options.prior else prior.nothing()
    blanks = {template.name(chosen): template.workbook(chosen), ROSTER: roster.blank(), WAIVERS: waivers.blank()}
    blanks |= {models.CIRCULAR: models.circular(), models.SELF_REPORT: models.self_report()}
    for name, content in blanks.items():
        aside = kept.place(options.output / name, content)
        print(f"已生成：{options.output / name}" + (f"（原有的文件改名为 {aside.name}）" if aside else ""))
    folder = options.output / template.FOLDER
    own = list(template.for_departments(chosen, members, before))
    for name, content in own:
        export.place(folder / name, content)
    if own:
        print(f"已生成各部门的填报表 {len(own)} 份：{folder}")
    return 0
