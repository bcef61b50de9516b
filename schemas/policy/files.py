"""The policy files of this package: one for each circular, which holds from a year on until a later one."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from schemas.policy.mistakes import NOT_IN_FILE, PolicyError, listed, policy_from
from schemas.policy.model import Policy

POLICIES = Path(__file__).parent.parent / "policies"
VARIANTS = POLICIES / "variants"


def years(folder: Path = POLICIES) -> list[int]:
    """Give the fiscal years from which a policy file holds, oldest first."""
    return sorted(int(path.stem) for path in folder.glob("[0-9][0-9][0-9][0-9].toml"))


def load(year: int, folder: Path = POLICIES) -> Policy:
    """Load the policy of a fiscal year: the newest whose first year is not after it.

    Raises:
        PolicyError: there is none, or its file has mistakes; all are listed.
    """
    found = years(folder)
    since = max((each for each in found if each <= year), default=None)
    if since is None:
        message = f"没有{year}年度的政策文件；现有的从{'、'.join(map(str, found))}年度起适用。"
        todo = "年度写错的请改正；要评价更早的年度，把 make templates 生成的 评分办法.xlsx 的起始年度改早，放进收件夹。"
        raise PolicyError(f"{message}\n{todo}")
    path = folder / f"{since}.toml"
    policy = read(path.name, path.read_bytes(), year)
    if policy.since != since:
        raise PolicyError(f"政策文件 {path.name} 写的起始年度（since）是{policy.since}")
    return policy


def read(name: str, content: bytes, year: int | None = None) -> Policy:
    """Read a policy from the bytes of a file, for a fiscal year; where None is given, for its own first year.

    Raises:
        PolicyError: the file has mistakes, or its policy begins after the year; all are listed.
    """
    table = parsed(name, content)
    first = table.get("since")
    chosen = year if year is not None else first if isinstance(first, int) else 0
    found = policy_from(table, year=chosen, file=name, sha256=hashlib.sha256(content).hexdigest())
    if not isinstance(found, Policy):
        raise listed(name, found)
    if found.since > found.year:
        raise PolicyError(f"政策文件 {name} 从{found.since}年度起适用，不能用来评价{found.year}年度。")
    return found


def parsed(name: str, content: bytes) -> dict[str, Any]:
    """Give what a policy file says as a table; a byte order mark before it does not matter.

    Raises:
        PolicyError: it is no TOML.
    """
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PolicyError(f"政策文件 {name} 的格式有误：{error}") from error


def as_table(policy: Policy) -> dict[str, Any]:
    """Give a policy as the table that its file holds, without the year that it is used for."""
    return policy.model_dump(mode="json", by_alias=True, exclude=NOT_IN_FILE)
