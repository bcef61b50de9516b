"""Scores → grades and ranks: the summary, one row per department."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from schemas.enums import TOTAL, Severity, Standing, Status
from schemas.tables import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.policy import Policy


def grades(points: pd.Series[float], policy: Policy) -> pd.Series[str]:
    """Give the grade of each score by the policy's cuts; "" for a blank."""
    conditions = [points.ge(grade.points_from) for grade in policy.grades]
    told = np.select(conditions, [grade.word for grade in policy.grades], default="")
    return pd.Series(told, index=points.index, dtype=str)


def conclude(scores: pd.DataFrame, findings: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give what the summary says of each department, but for what hangs on the others: one row per department.

    ``points`` and ``grade`` are the program's, ``reviewed_points`` and ``reviewed_grade`` those after the reviewer's
    decisions, where there are any. ``provisional`` says that the weight that is still open could lift the grade.
    ``errors`` and ``warnings`` are the findings that count; those of rules on trial are not counted, waived ones
    apart.
    """
    total = scores[scores["criterion"].eq(TOTAL)].reset_index(drop=True)
    points, reviewed, self_points = total["points"], total["reviewed_points"], total["self_points"]
    final = reviewed.fillna(points)
    possible = grades((final + total["open_weight"]).round(6), policy)
    found = Counter(zip(findings["department"], findings["severity"], findings["standing"], strict=True))
    waived = Counter(findings.loc[findings["standing"].eq(Standing.WAIVED), "department"])
    names = total["department"].tolist()

    def counted(severity: Severity) -> list[int]:
        return [found[name, severity.value, Standing.COUNTED.value] for name in names]

    return pd.DataFrame(
        {
            "department": total["department"],
            "points": points,
            "grade": grades(points, policy),
            "provisional": possible.ne(grades(final, policy)),
            "self_points": self_points,
            "self_grade": grades(self_points, policy),
            "difference": total["difference"],
            "errors": np.array(counted(Severity.ERROR), dtype="int64"),
            "warnings": np.array(counted(Severity.WARNING), dtype="int64"),
            "waived": np.array([waived[name] for name in names], dtype="int64"),
            "reviewed_points": reviewed,
            "reviewed_grade": grades(reviewed, policy),
        }
    )


def summarise(
    conclusions: pd.DataFrame, submissions: pd.DataFrame, reporting: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Summarise: one row per department, best first; ties share a rank, and those that sent nothing come last.

    Points after the reviewer's decisions make the rank, where there are any.

    ``reporting`` are columns that say when a department reported: by their name, a text by department.
    """
    status = submissions[submissions["status"].str.startswith("accepted")].set_index("department")["status"]
    final = conclusions["reviewed_points"].fillna(conclusions["points"])
    table = conclusions.assign(
        status=conclusions["department"].map(status),
        rank=final.rank(method="min", ascending=False).astype("Int64"),
    )
    missing = submissions.loc[submissions["status"].eq(Status.MISSING), ["department", "status"]]
    table = pd.concat([table, _without_points(missing)], ignore_index=True) if len(missing) else table
    told = {name: [of.get(each, "") for each in table["department"]] for name, of in reporting.items()}
    table = table.assign(**{name: pd.Series(texts, index=table.index, dtype=str) for name, texts in told.items()})
    return table.sort_values(["rank", "department"], kind="stable").reset_index(drop=True)[COLUMNS["summary"]]


def _without_points(missing: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of departments that sent nothing: missing is missing, and no zero."""
    numbers = dict.fromkeys(("points", "self_points", "difference", "reviewed_points"), np.nan)
    words = dict.fromkeys(("grade", "self_grade", "reviewed_grade"), "")
    table = missing.assign(**numbers, **words, provisional=False, errors=0, warnings=0, waived=0)
    return table.assign(rank=pd.array([pd.NA] * len(table), dtype="Int64"))
