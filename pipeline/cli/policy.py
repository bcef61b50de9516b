"""``jixiao policy``: what a policy says, whether it is right, how two differ, and the same policy in the other form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import add_policy, add_year, choose_year, load_chosen_policy
from pipeline.cli.parser import Parser, suggest
from pipeline.output.safe_text import legible
from schemas.errors import MistakeError

if TYPE_CHECKING:
    import argparse

    from schemas.policy import Policy

FORMS = (".xlsx", ".toml")
"""The forms of a policy: the bureau's workbook, and the file of the repository."""


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "policy",
        "列出一个年度的分值、等级、容差、提醒线及其依据",
        detail="“哪一份”写年度（2021）、文件（评分办法.xlsx）或公开办法的名称（见 --list）。",
        examples=(
            "policy",
            "policy --year 2021 --check",
            "policy --diff 2021 2025",
            "policy --diff 2021 收件夹/评分办法.xlsx",
            "policy --take national-2020 --write 收件夹/评分办法.xlsx",
        ),
    )
    add_year(made)
    add_policy(made)
    made.add_argument("--check", action="store_true", help="只检查评分办法有没有错误")
    made.add_argument("--diff", nargs=2, metavar="哪一份", help="列出两份评分办法的不同")
    made.add_argument("--list", action="store_true", help="列出自带的评分办法和公开办法")
    made.add_argument("--take", metavar="公开办法", help="换上公开办法的分值、等级或参考分")
    made.add_argument("--write", type=Path, metavar="文件", help="写成 .xlsx 或 .toml；已有的文件不覆盖")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    if options.list:
        return _list()
    if options.diff:
        return _differ(*(_one(each, options) for each in options.diff))
    chosen = load_chosen_policy(options)
    if options.take:
        chosen = _variant(options.take, chosen)
    lines = _terms(chosen)
    if options.check:
        print(f"政策文件 {chosen.file} 没有错误。")
    elif options.write:
        _write(options.write, chosen)
    else:
        for what, holds, source in lines:
            print(f"{what}：{holds}（{source}）")
    return 0


def _terms(policy: Policy) -> list[tuple[str, str, str]]:
    """Give what a policy says in words; `MistakeError` where it speaks of what there is not."""
    from pipeline.workbooks.county.policy_text import policy_terms

    return policy_terms(policy)


def _list() -> int:
    from schemas import policy as policies
    from schemas.policy.variants import variants

    for year in policies.years():
        print(f"{year}：{policies.load(year).title}")
    for each in variants():
        print(f"{each.name}：{each.title}。出处：{each.source}。核对：{each.certainty}")
    return 0


def _one(named: str, options: argparse.Namespace) -> Policy:
    """Give the policy that is named by a year, a file or a variant."""
    from pipeline.lists import policy_file
    from schemas import policy as policies

    if named.isdecimal():
        return policies.load(int(named))
    if Path(named).suffix.lower() in FORMS:
        return policy_file.read(Path(named))
    return _variant(named, policies.load(choose_year(options)))


def _variant(name: str, policy: Policy) -> Policy:
    from schemas.policy.variants import variants

    known = {each.name: each for each in variants()}
    if name not in known:
        raise MistakeError(
            f"没有“{name}”这份评分办法{suggest(name, known)}；年度写四位数，公开办法见 jixiao policy --list。"
        )
    return known[name].applied(policy)


def _differ(before: Policy, after: Policy) -> int:
    from schemas.policy.differences import differences

    for policy in (before, after):
        if policy.in_place:
            print(policy.in_place)
    found = differences(before, after)
    if not found:
        print("两份评分办法没有不同。")
    for what, was, now in found:
        print(f"{what}：{was} → {now}")
    return 0


def _write(path: Path, policy: Policy) -> None:
    """Write a policy in the form that the name of the file asks for.

    Raises:
        MistakeError: it asks for none, or there is such a file.
    """
    from pipeline.output import files as output_files

    if path.suffix.lower() not in FORMS:
        raise MistakeError(f"只能写成 {'、'.join(FORMS)} 文件：{legible(path)}")
    if path.exists():
        raise MistakeError(f"{legible(path)} 已经存在，没有覆盖；请换一个文件名，或先移走它。")
    output_files.write_file(path, _content(path.suffix.lower(), policy))
    print(f"已生成：{legible(path)}")


def _content(form: str, policy: Policy) -> bytes:
    if form == ".toml":
        import tomli_w

        from schemas.policy import as_table

        return tomli_w.dumps(as_table(policy)).encode()
    from pipeline.workbooks.policy_workbook import write_policy

    return write_policy(policy)
