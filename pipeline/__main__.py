"""The command ``jixiao``: its parser, and what becomes of an error."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from pipeline.commands import COMMANDS
from pipeline.commands.shared import BUSY, INTERRUPTED, TERMINATED, UNWRITTEN, WRONG_USAGE
from pipeline.placing import BusyError
from schemas.mistake import MistakeError


def main(arguments: list[str] | None = None) -> int:
    """Run a command; give its exit status, as `pipeline.commands.shared` names them."""
    parser = argparse.ArgumentParser(prog="jixiao", description="部门整体支出绩效评价")
    commands = parser.add_subparsers(required=True, metavar="命令")
    for each in COMMANDS:
        each.add(commands)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return int(options.command(options))
    except MistakeError as error:
        return _told(str(error), WRONG_USAGE)
    except BusyError as error:
        return _told(str(error), BUSY)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        why = f"没有写成{where}（{error.strerror or error}）。原有的结果没有改动。"
        return _told(f"{why}\n请检查磁盘空间和文件夹的权限，关闭打开着的结果文件，然后重新运行。", UNWRITTEN)
    except KeyboardInterrupt:
        return _told("已中断，原有的结果没有改动。", INTERRUPTED)
    except Terminated:
        return _told("已被终止，原有的结果没有改动。", TERMINATED)


def _told(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status


class Terminated(BaseException):
    """The system asks the program to end."""


def _terminated(*_: object) -> None:
    raise Terminated


if __name__ == "__main__":
    sys.exit(main())
