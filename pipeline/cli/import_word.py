"""``jixiao import``: fill in the form from the annexes in Word documents; list what has no place on it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import add_output, add_policy, add_year, load_answers, load_chosen_policy
from pipeline.cli.parser import NOTHING, WRONG_USAGE, Parser
from pipeline.output.safe_text import legible, one_line

if TYPE_CHECKING:
    import argparse

    from pipeline.documents.import_annexes import ImportedAnnexes
    from schemas.forms.answered import Answers
    from schemas.policy import Policy

LIST = "导入说明"
"""The ending of the file name of the list beside a workbook."""
_SHOWN = 60
"""Half the letters of a line that the screen shows; the list beside the workbook has all of them."""


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "import",
        "把 Word 报告里的附件1-1、附件1-2填入填报表",
        detail="放不进表里的内容一律列在“导入说明”里；核对后把填好的表放入收件夹。",
        examples=("import 报告.docx", "import 报告.docx -o 填好的表"),
        ends={0: "已写入", NOTHING: "文档里没有附件，或附件是空白的", WRONG_USAGE: "没有这个文件，或不能读取"},
    )
    made.add_argument("documents", type=Path, nargs="+", metavar="报告", help="含有附件的 Word 文档（.docx），可以多个")
    add_output(made, "imported", "文件夹", "填好的表写到这里")
    add_year(made)
    add_policy(made)
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    chosen, answers = load_chosen_policy(options), load_answers(options)
    taken: set[str] = set()
    return max(_one(path, options.output, chosen, answers, taken) for path in options.documents)


def _one(path: Path, folder: Path, policy: Policy, answers: Answers, taken: set[str]) -> int:
    """Import one document; give its exit status, so that a bad document does not stop the others."""
    from pipeline.documents.import_annexes import import_annexes
    from pipeline.guard import Refused, content
    from pipeline.output import files as output_files

    if not path.exists():
        print(f"没有找到文件：{legible(path)}", file=sys.stderr)
        return WRONG_USAGE
    try:
        result = import_annexes(content(path), policy, answers)
    except Refused as refusal:
        print(f"{legible(path.name)}：{refusal}", file=sys.stderr)
        return WRONG_USAGE
    if not result.book:
        print(f"{legible(path.name)}：{result.reason}。", file=sys.stderr)
        return NOTHING
    name = output_files.file_names([result.department or path.stem])[result.department or path.stem]
    if name in taken:  # two documents of one department in one go
        name = output_files.file_names([f"{name}（{path.stem}）"])[f"{name}（{path.stem}）"]
    taken.add(name)
    target = folder / f"{name}.xlsx"
    aside = output_files.write_file_keeping_old(target, result.book)
    lines = import_report(legible(path.name), result)
    beside = folder / f"{name}（{LIST}）.txt"
    output_files.write_file(beside, ("\ufeff" + "\n".join(lines) + "\n").encode())
    print("\n".join(_short(line) for line in lines))
    print(f"已写入：{legible(target)}" + (f"（原有的文件改名为 {legible(aside.name)}）" if aside else ""))
    print(f"说明：{legible(beside)}")
    return 0


def import_report(document: str, result: ImportedAnnexes) -> list[str]:
    """Report what was taken over from a document, and everything that was not.

    Args:
        document: the name of the document.
        result: the result of importing it.
    """
    office = result.department or "（附件里没有填报单位）"
    lines = [f"{document}：{one_line(office)}，填入{result.values}格，指标{result.rows}行。"]
    for head, entries in (
        ("没有找到或不能确定的：", [*map(one_line, result.missing)]),
        ("没有放进表里的内容，请自行核对、填写：", [f"{where}：{one_line(text)}" for where, text in result.unplaced]),
        ("请核对：", result.doubts),
    ):
        if entries:
            lines += [head, *(f"  {number}. {entry}" for number, entry in enumerate(entries, 1))]
    if not result.missing and not result.unplaced:
        lines.append("附件的内容全部填入了表里。")
    return lines


def _short(line: str) -> str:
    return line if len(line) <= 2 * _SHOWN else f"{line[: 2 * _SHOWN]}……"
