"""The command ``jixiao``: its parser, and what becomes of an error."""

from __future__ import annotations

import argparse
import os
import sys

from pipeline.commands import COMMANDS
from pipeline.commands.shared import WRONG_USAGE
from schemas.mistake import MistakeError


def main(arguments: list[str] | None = None) -> int:
    """Run a command; give its exit status: 0 finished, 1 nothing evaluated or a form is faulty, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="jixiao", description="部门整体支出绩效评价")
    commands = parser.add_subparsers(required=True, metavar="命令")
    for each in COMMANDS:
        each.add(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.command(options)
    except MistakeError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


if __name__ == "__main__":
    sys.exit(main())
