"""Parse the command line with help and error messages in Chinese; errors say what to do next.

Help is laid out here because argparse counts letters, and a Chinese character takes two columns, not one.
"""

from __future__ import annotations

import argparse
import difflib
import re
from typing import TYPE_CHECKING, Any, NoReturn

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PROGRAM = "jixiao"
NOTHING, WRONG_USAGE, BUSY, UNWRITTEN, STOPPED, TERMINATED = 1, 2, 3, 4, 130, 143
"""Exit statuses: not done; wrong usage; another run is at work; results could not be written; stopped by Ctrl-C;
terminated by the system. 0 is done. After 3 and 4 the results of the last run are unchanged; after 130 and 143 too,
unless the new ones had just been put in place."""
_ENDS = {
    0: "完成",
    NOTHING: "没有完成，原因和办法见提示",
    WRONG_USAGE: "用法有误，或名册等材料有错误",
    BUSY: "另一次评价正在进行",
    UNWRITTEN: "没有写成：磁盘已满，或没有权限",
    STOPPED: "被中断（Ctrl-C）",
    TERMINATED: "被系统终止",
}
_LEFT = 24
"""Terminal columns of the left part of a help line."""
_LIKE = 0.5
"""How similar a word must be to be suggested; a suggestion is never used by itself."""
_ERRORS = (
    (re.compile(r"argument ([^:]+): expected .*argument"), "选项 {0} 后面要写明内容"),
    (re.compile(r"argument ([^:]+): ignored explicit argument (.+)"), "选项 {0} 后面不用写内容：{1}"),
    (re.compile(r"the following arguments are required: (.+)"), "缺少：{0}"),
    (re.compile(r"argument ([^:]+): (.+)"), "选项 {0}：{1}"),
)
"""Messages of argparse → the same in Chinese."""


class Parser(argparse.ArgumentParser):
    """The parser of one command, or of the program itself, whose name is "".

    Attributes:
        name: the name of the command.
        summary: what it does, on one line.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        *,
        detail: str = "",
        examples: Sequence[str] = (),
        ends: Mapping[int, str] | None = None,
        commands: Sequence[Parser] = (),
    ) -> None:
        """Make a parser with the option `--help`.

        Args:
            name: the name of the command, "" for the program itself.
            summary: what it does, on one line.
            detail: more about it, in lines short enough for a terminal.
            examples: command lines without the name of the program.
            ends: exit status → its meaning, where it is not the usual one.
            commands: the parsers of the commands, for the program itself.
        """
        self.name, self.summary, self._detail, self._examples = name, summary, detail, examples
        self._ends = _ENDS | dict(ends or {})
        self._commands = commands
        self._places: list[argparse.Action] = []
        self._options: list[argparse.Action] = []
        super().__init__(prog=f"{PROGRAM} {name}".strip(), add_help=False, allow_abbrev=False)
        self.add_argument("-h", "--help", action="help", help="显示本说明")

    def add_argument(self, *names: Any, **given: Any) -> argparse.Action:
        """Add a positional argument or an option, as argparse does, and keep it for the help."""
        action = super().add_argument(*names, **given)
        (self._options if action.option_strings else self._places).append(action)
        return action

    def parse_every(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse the arguments; unknown ones end the program with status 2."""
        options, rest = self.parse_known_args(arguments)
        if rest:
            self.error(self._unknown(rest[0]))
        return options

    def _unknown(self, word: str) -> str:
        if not word.startswith("-"):
            return f"多余的内容：{word}"
        known = [string for action in self._options for string in action.option_strings]
        return f"没有选项 {word}{suggest(word.partition('=')[0], known)}"

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where to read more, and end the program with status 2."""
        found = ((pattern.fullmatch(message), words) for pattern, words in _ERRORS)
        message_shown = next((words.format(*match.groups()) for match, words in found if match), message)
        self.exit(
            WRONG_USAGE, f"{message_shown}{'' if message_shown.endswith('？') else '。'}\n用法见：{self.prog} --help\n"
        )

    def format_usage(self) -> str:
        """Give the line that shows how the command is written."""
        places = [_place(action) for action in self._places]
        return f"用法：{' '.join([self.prog, *(['命令'] if self._commands else places), '[选项]'])}\n"

    def format_help(self) -> str:
        """Give the whole help."""
        parts = (
            [self.format_usage(), "\n", f"{self.summary}。\n", *([f"{self._detail}\n"] if self._detail else [])],
            _section("命令", ((each.name, each.summary) for each in self._commands)),
            _section("位置参数", ((_place(action), action.help) for action in self._places)),
            _section("选项", ((_option(action), action.help) for action in self._options)),
            _section("示例", ((f"{PROGRAM} {example}", "") for example in self._examples)),
            _section("退出状态", ((str(status), words) for status, words in sorted(self._ends.items()))),
        )
        return "".join(line for part in parts for line in part)


def suggest(word: str, known: Iterable[str]) -> str:
    """Give the end of a message that suggests a similar word; "" where none is similar."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=_LIKE)
    return f"，是不是 {near[0]}？" if near else ""


def parse_int(text: str) -> int:
    """Parse a whole number."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"应为整数，填写的是“{text}”") from error


def _place(action: argparse.Action) -> str:
    shown = f"{action.metavar}{'…' if action.nargs in {'+', '*'} else ''}"
    return f"[{shown}]" if action.nargs in {"?", "*"} else shown


def _option(action: argparse.Action) -> str:
    return ", ".join(action.option_strings) + ("" if action.nargs == 0 else f" {action.metavar}")


def _section(title: str, rows: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    """Give a section of the help: each row on one line, or on two where its left part is long."""
    for number, (left, right) in enumerate(rows):
        if number == 0:
            yield f"\n{title}：\n"
        if not right:
            yield f"  {left}\n"
        elif cell_len(left) < _LEFT:
            yield f"  {set_cell_size(left, _LEFT)}{right}\n"
        else:
            yield f"  {left}\n  {' ' * _LEFT}{right}\n"
