"""``jixiao forms``: which editions of the forms are read, and how a bureau adds its own in a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import add_lists, lists_of
from pipeline.cli.parser import Parser
from pipeline.output.safe_text import legible
from schemas.errors import MistakeError
from schemas.file_names import LOCAL_WORDS, LOCAL_WORDS_TOML
from schemas.lists.local_words import TITLE

if TYPE_CHECKING:
    import argparse


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "forms",
        "列出能读的填报表，加上本县自己的写法",
        detail=(
            f"--new 生成{TITLE}，照本县的表填好，再用 --take 生成 {LOCAL_WORDS_TOML}，\n"
            "放进收件夹，以后都认得本县的写法。填得不清楚的逐格列出，改好以前不生成。"
        ),
        examples=("forms", "forms --new", f"forms --take {LOCAL_WORDS}"),
    )
    made.add_argument("--new", action="store_true", help=f"生成空白的{TITLE}")
    made.add_argument("--take", type=Path, metavar=TITLE, help=f"由填好的{TITLE}生成 {LOCAL_WORDS_TOML}，放进收件夹")
    made.add_argument(
        "-o", "--output", type=Path, default=Path("input_templates"), metavar="文件夹",
        help=f"空白的{TITLE}写到这里，默认 input_templates",
    )  # fmt: skip
    add_lists(made)
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    if options.new:
        _new(options.output)
    if options.take:
        _take(options.take, lists_of(options))
    if not options.new and not options.take:
        _list()
    return 0


def _list() -> None:
    from schemas.forms import VERSIONS

    for editions in VERSIONS:
        for form in editions:
            print(f"{form.annex} {form.title}：{form.display_name}")


def _new(folder: Path) -> None:
    from pipeline.output import files as output_files
    from pipeline.workbooks.local_words import write_local_words

    aside = output_files.write_file_keeping_old(folder / LOCAL_WORDS, write_local_words())
    print(f"已生成：{legible(folder / LOCAL_WORDS)}" + (f"（原有的文件改名为 {legible(aside.name)}）" if aside else ""))


def _take(path: Path, lists: Path) -> None:
    """Make the TOML of a filled workbook, in the folder of lists.

    Raises:
        MistakeError: there is no such workbook, or something about it is doubtful.
    """
    from pipeline.lists.local_words import LIST, make_toml
    from pipeline.output import files as output_files

    content = LIST.content(path)
    if content is None:
        raise MistakeError(f"没有找到文件：{legible(path)}\n请先用 jixiao forms --new 生成，填好后再用。")
    if not lists.is_dir():
        raise MistakeError(f"没有找到收件夹：{legible(lists)}；用 --lists 写明名单所在的文件夹。")
    made, target = make_toml(path.name, content).encode(), lists / LOCAL_WORDS_TOML
    kept = target.is_file() and target.read_bytes() != made
    # Not by another .toml: among the lists that would be taken for a return.
    aside = output_files.free_name(target.with_name(f"{target.name}.bak"))
    if kept:
        target.rename(aside)
    output_files.write_file(target, made)
    print(f"已生成：{legible(target)}" + (f"（原有的文件改名为 {legible(aside.name)}）" if kept else ""))
