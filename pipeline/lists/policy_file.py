"""Find the policy of a run: the file named, the 评分办法.xlsx of the inbox, or the one that comes with the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.guard import Refused, content
from schemas import policy as policies
from schemas.file_names import POLICY
from schemas.lists.policy import TITLE
from schemas.policy import PolicyError

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

TOML = ".toml"


def find(inbox: Path, named: Path | None, year: int) -> Policy:
    """Give the policy of a fiscal year.

    Args:
        inbox: where the bureau puts its own.
        named: the file that was asked for; that of the inbox where None, and where there is none, the program's own.
        year: the fiscal year.

    Raises:
        PolicyError: there is none for the year, or it cannot be read, or has mistakes; all are listed.
    """
    path = named or in_inbox(inbox)
    return policies.load(year) if path is None else read(path, year)


def in_inbox(inbox: Path) -> Path | None:
    """Give the bureau's own policy in an inbox; None where there is none."""
    if (inbox / POLICY).exists() or not inbox.is_dir():
        return inbox / POLICY if inbox.is_dir() else None
    return next((each for each in sorted(inbox.iterdir()) if each.name.lower() == POLICY), None)


def read(path: Path, year: int | None = None) -> Policy:
    """Read the policy in a file, a workbook or TOML; where no year is given, for its own first year.

    Raises:
        PolicyError: it cannot be read or has mistakes; all are listed.
    """
    from pipeline.lists import policy_workbook  # noqa: PLC0415 - most runs have no workbook of their own to read

    try:
        sent = content(path)
    except Refused as refusal:
        raise PolicyError(f"{TITLE} {path}：{refusal}") from refusal
    return (policies.read if path.suffix.lower() == TOML else policy_workbook.read)(path.name, sent, year)
