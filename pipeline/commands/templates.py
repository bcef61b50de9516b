"""``jixiao templates``: the blank form, roster and list of waivers, and one form for each department."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.shared import chosen_policy, with_output, with_year

if TYPE_CHECKING:
    import argparse

    from pipeline.commands.shared import Commands


def add(commands: Commands) -> None:
    """Add the command to the others."""
    parser = commands.add_parser("templates", help="生成空白填报表，以及通报、自评报告的模板")
    with_output(parser, "input_templates", "文件夹", "写到这里")
    with_year(parser)
    parser.add_argument("--roster", type=Path, metavar="名册", help="部门名册；给出时另为每个部门生成一份")
    parser.add_argument("--prior", type=Path, metavar="上年结果", help="上年度的评价结果，用来预填上年数")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    from pipeline import export, prior, roster, template, waivers
    from pipeline.word import kept, models
    from schemas.roster import FILE as ROSTER
    from schemas.waiver import FILE as WAIVERS

    chosen = chosen_policy(options)
    members = roster.find(options.output, options.roster) if options.roster else roster.Roster()
    before = prior.load(options.prior, chosen.year) if options.prior else prior.nothing()
    blanks = {template.name(chosen): template.workbook(chosen), ROSTER: roster.blank(), WAIVERS: waivers.blank()}
    for name, content in blanks.items():
        export.place(options.output / name, content)
        print(f"已生成：{options.output / name}")
    for name, content in {models.CIRCULAR: models.circular(), models.SELF_REPORT: models.self_report()}.items():
        aside = kept.place(options.output / name, content)
        print(f"已生成：{options.output / name}" + (f"（原有的文件改名为 {aside.name}）" if aside else ""))
    folder = options.output / template.FOLDER
    own = list(template.for_departments(chosen, members, before))
    for name, content in own:
        export.place(folder / name, content)
    if own:
        print(f"已生成各部门的填报表 {len(own)} 份：{folder}")
    return 0
