"""The command ``jixiao``: which command is meant, and what becomes of an error."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from pipeline.cli import COMMANDS
from pipeline.cli.options import describe_os_error
from pipeline.cli.parser import BUSY, PROGRAM, STOPPED, TERMINATED, UNWRITTEN, WRONG_USAGE, Parser, suggest
from pipeline.output.files import OpenedError
from pipeline.output.publish import BusyError
from schemas.errors import MistakeError

if TYPE_CHECKING:
    import argparse


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """Give the parser of the program itself, and that of each command by its name."""
    commands = {made.name: made for made in (each.parser() for each in COMMANDS)}
    front = Parser(
        "",
        "部门整体支出绩效评价：读取、审核、计分、汇总各部门的报表",
        detail=f"一条命令的说明：{PROGRAM} 命令 --help",
        examples=("evaluate 收件夹 -o 结果", "status 收件夹 -o 结果", "explain 县水利局 -o 结果"),
        commands=tuple(commands.values()),
    )
    front.add_argument("--version", action="store_true", help="显示版本")
    return front, commands


def main(arguments: list[str] | None = None) -> int:
    """Run a command; give its exit status, as `pipeline.cli.parser` names them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console of GBK has not every character
            stream.reconfigure(errors="replace")
    options = _understood(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        status = int(options.command(options))
        sys.stdout.flush()  # here, where it is minded that nobody reads it any more
        return status  # noqa: TRY300 - what is told may not be told afterwards
    except OpenedError as error:
        return _told(str(error), UNWRITTEN)
    except MistakeError as error:
        return _told(str(error), WRONG_USAGE)
    except BusyError as error:
        return _told(str(error), BUSY)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _told(describe_os_error(error), UNWRITTEN)
    except KeyboardInterrupt:
        return _told("已中断。", STOPPED)
    except Terminated:
        return _told("已被终止。", TERMINATED)


def _told(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status


class Terminated(BaseException):
    """The system asks the program to end."""


def _terminated(*_: object) -> None:
    raise Terminated


def _understood(arguments: list[str]) -> argparse.Namespace:
    front, commands = parsers()
    if not arguments or arguments[0].startswith("-"):
        if front.understood(arguments).version:
            from importlib.metadata import version  # noqa: PLC0415 - seldom asked for

            print(PROGRAM, version(PROGRAM))
            sys.exit(0)
        front.print_help(sys.stderr)
        sys.exit(WRONG_USAGE)
    name, *rest = arguments
    if name not in commands:
        front.error(f"没有命令 {name}{suggest(name, commands) or '，共有：' + '、'.join(commands)}")
    return commands[name].understood(rest)


def command() -> NoReturn:
    """Be the command.

    Names of files are UTF-8, whatever the locale: elsewhere Chinese ones could not be written, or would be misread. The
    program starts anew where Python has settled on another encoding; what it prints stays in that of the terminal.
    """
    if sys.platform != "win32" and sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        os.environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding}:replace")
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this very program
    _leave(main())


def _leave(status: int) -> NoReturn:
    """End with an exit status; at once where all went well: to take a county's tables apart again takes a while."""
    if status == 0:
        with suppress(OSError):  # what cannot be said any more is told by the usual way out
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    command()
