"""Run ``jixiao``: find the command that is meant, and turn errors into messages and exit statuses."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from pipeline.cli import COMMANDS
from pipeline.cli.lenient_output import lenient_output, open_standard_streams
from pipeline.cli.options import NO_MEMORY, describe_os_error
from pipeline.cli.parser import BUSY, PROGRAM, STOPPED, TERMINATED, UNWRITTEN, WRONG_USAGE, Parser, suggest
from pipeline.garbage import relax_gc
from pipeline.output.files import OpenedError
from pipeline.output.lock import BusyError
from pipeline.output.safe_text import visible
from pipeline.output.system_calls import takes_every_name
from schemas.errors import MistakeError, NoProcessError

if TYPE_CHECKING:
    import argparse


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the program itself, and that of each command by its name."""
    commands = {made.name: made for made in (each.make_parser() for each in COMMANDS)}
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
    """Run a command and return its exit status, as `pipeline.cli.parser` names them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console of GBK has not every character
            stream.reconfigure(errors="replace")
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _terminated)
    with lenient_output() as output:
        status = _run(options)
        output.flush()
        if output.failure and not isinstance(output.failure, BrokenPipeError):
            why = output.failure.strerror
            _report(f"屏幕上的说明没有写完（{why}），命令本身已经做完；退出状态 {status} 说明做得怎样。", status)
    return status


def _run(options: argparse.Namespace) -> int:
    """Run a command; return its exit status, or that of the error in which it ended."""
    try:
        return int(options.command(options))
    except (OpenedError, NoProcessError) as error:
        return _report(str(error), UNWRITTEN)
    except MistakeError as error:
        return _report(str(error), WRONG_USAGE)
    except BusyError as error:
        return _report(str(error), BUSY)
    except OSError as error:
        return _report(describe_os_error(error), UNWRITTEN)
    except MemoryError:
        return _report(NO_MEMORY, UNWRITTEN)
    except KeyboardInterrupt:
        return _report("已中断。", STOPPED)
    except Terminated:
        return _report("已被终止。", TERMINATED)


def _report(message: str, status: int) -> int:
    """Print an error and return the exit status."""
    print("\n".join(map(visible, message.split("\n"))), file=sys.stderr)
    return status


class Terminated(BaseException):
    """The system asks the program to end."""


def _terminated(*_: object) -> None:
    raise Terminated


def _parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options of the command that is meant; without a command print the help and exit."""
    front, commands = parsers()
    if not arguments or arguments[0].startswith("-"):
        if front.parse_every(arguments).version:
            from importlib.metadata import version  # noqa: PLC0415 - seldom asked for

            print(PROGRAM, version(PROGRAM))
            sys.exit(0)
        front.print_help(sys.stderr)
        sys.exit(WRONG_USAGE)
    name, *rest = arguments
    if name not in commands:
        front.error(f"没有命令 {name}{suggest(name, commands) or '，共有：' + '、'.join(commands)}")
    return commands[name].parse_every(rest)


def command() -> NoReturn:
    """Run the command and end the process with its exit status."""
    relax_gc()
    _compute_in_one_thread()
    open_standard_streams()
    _use_utf8_names()
    _leave(main())


def _compute_in_one_thread() -> None:
    """Keep the linear algebra under numpy from starting threads, in this process and those that it starts.

    Nothing here has work for them, and as they start they keep every processor busy for a tenth of a second.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _use_utf8_names() -> None:
    """Start Python again in its UTF-8 mode where it takes the names of files for something else.

    Chinese names could not be written then, or would be misread. Python fixes this encoding when it starts, so no call
    changes it. What the program prints stays in the encoding of the terminal. Under Windows names are always Unicode.
    """
    if not takes_every_name():
        os.environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding if sys.stdout else 'utf-8'}:replace")
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - this very program


def _leave(status: int) -> NoReturn:
    """End at once with an exit status.

    Freeing a county's tables takes a while. And Python remembers a Ctrl-C that came during an ``exec``, as most imports
    do, even where it was handled: at its usual end it would then be killed by that signal (status -2, not 130).
    """
    for stream in filter(None, (sys.stdout, sys.stderr)):  # one that was closed is None
        with suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    command()
