"""Write what a run says of itself: versions, policy, inputs, outputs, counts and seconds."""

from __future__ import annotations

import platform
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pipeline.output.cache import LIBRARIES
from pipeline.output.sealed import seal
from schemas.file_names import RECORD
from schemas.policy import as_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from schemas.policy import Policy


def run_record(
    policy: Policy,
    given: Mapping[str, Any],
    submissions: pd.DataFrame,
    counts: Mapping[str, int],
    outputs: Mapping[str, str],
    seconds: Mapping[str, float],
) -> Iterator[tuple[str, bytes]]:
    """Yield ``run.json``, its name and bytes: the one result that knows the time.

    Args:
        policy: the policy of the year.
        given: what is said of the things the run was given beside the returns.
        submissions: one row per file of the inbox, and per department that sent none.
        counts: how many departments and findings there are.
        outputs: the sha256 of every other result, by its name below the year's folder.
        seconds: the seconds that each stage took.
    """
    yield (
        RECORD,
        seal(
            {
                "program": {"jixiao": version("jixiao"), "python": platform.python_version()}
                | {name: version(name) for name in LIBRARIES},
                "policy": {name: getattr(policy, name) for name in ("year", "since", "circular", "file", "sha256")}
                | {"terms": as_table(policy)},
                **given,
                "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                "inputs": _inputs(submissions),
                "outputs": dict(sorted(outputs.items())),
                "counts": {**_counts(submissions), **counts},
                "seconds": {stage: round(spent, 3) for stage, spent in seconds.items()},
            }
        ),
    )


def _inputs(submissions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return name, sha256 and status of every file of the inbox; departments that sent none have no file."""
    rows = submissions[submissions["source_file"].ne("")]
    names = ["source_file", "sha256", "status"]
    return [dict(zip(names, row, strict=True)) for row in rows[names].itertuples(index=False)]


def _counts(submissions: pd.DataFrame) -> dict[str, int]:
    """Count the files, and the submissions by status."""
    statuses = submissions["status"]
    files = {"files": int(submissions["source_file"].ne("").sum())}
    return files | {str(status): int(statuses.eq(status).sum()) for status in statuses.unique()}
