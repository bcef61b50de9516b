"""Point findings on broken relations to the figure that is wrong, and put what follows from it beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline import frames
from pipeline.localisation.constraints import Tolerance
from pipeline.localisation.search import locate
from pipeline.scoring.exact import fraction
from pipeline.text_format import format_figure
from schemas.enums import Severity, Standing
from schemas.forms import FIELDS
from schemas.relations import LAST, RELATIONS
from schemas.rules import RULE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.localisation.changes import Change
    from pipeline.localisation.search import Located, Solution
    from schemas.policy import Policy
    from schemas.relations import Relation

RULES_OF_RELATIONS = frozenset(each.rule for each in RELATIONS)
OPEN_RULES = frozenset(
    each.rule for each in RELATIONS if not each.firm and not any(name.startswith(LAST) for name in each.fields)
)
"""Rules on relations that need not hold, of which several figures may be wrong: against last year, only this year's."""
FIGURES = tuple(dict.fromkeys(name for each in RELATIONS for name in each.fields))
"""Every figure that some relation speaks of."""
_ASKED = ["department", *FIGURES, *(f"{name}_doubtful" for name in FIGURES)]
MOST_CANDIDATES = 4
"""Cells that a message lists where it cannot be told which is wrong; of more, it says how many."""
_CORRECT = "请核对这一格，改正后重新报送。"
_CORRECT_ONE = "请逐一核对，改正有误的一处后重新报送。"

Row = dict[Any, Any]


def point_to_wrong_figures(
    findings: pd.DataFrame, departments: pd.DataFrame, facts: pd.DataFrame, policy: Policy
) -> pd.DataFrame:
    """Name, of all figures bound by broken relations, the fewest whose change makes every relation hold.

    Args:
        findings: one row per breach, with ``standing``; those that count are looked at.
        departments: one row per department, with its figures and ``last_<field>``.
        facts: one row per department × field, for the places of figures.
        policy: how far figures may be apart.

    Returns:
        The same rows. Of findings with one cause, the gravest stands at the cell of the figure that is wrong, with
        the figure that it probably should be, and says what follows from it; the others come directly beneath it,
        their standing is ``follows`` and ``follows_from`` that cell. Where several figures may be wrong, the message
        lists them. Where the relation need not hold, it says so only in case. No figure is changed.
    """
    counted = findings["standing"].eq(Standing.COUNTED) & findings["rule"].isin(RULES_OF_RELATIONS)
    looked_at = findings["severity"].eq(Severity.ERROR) | findings["rule"].isin(OPEN_RULES)
    doubted = findings.loc[counted & looked_at, "department"].unique()
    if not len(doubted):
        return findings
    tolerance = Tolerance(fraction(policy.tolerance.amount), fraction(policy.tolerance.rate))
    rows = frames.records(findings)
    on_relations: dict[str, list[Row]] = {name: [] for name in doubted}
    for row, counts in zip(rows, counted, strict=True):
        if counts and row["department"] in on_relations:
            on_relations[row["department"]].append(row)
    # Of some hundred columns and fields of a department, only those that relations speak of are taken out.
    asked = departments.loc[departments["department"].isin(doubted), departments.columns.intersection(_ASKED)]
    places = facts[facts["department"].isin(doubted) & facts["field"].isin(FIGURES)]
    placed = {(row["department"], row["field"]): row for row in frames.records(places)}
    beneath: dict[int, list[Row]] = {}
    for department in asked.to_dict("records"):
        name = department["department"]
        for located in locate(_figures(department), _unread(department), tolerance):
            of_cause = _of_cause(located, [row for row in on_relations[name] if id(row) not in beneath])
            if of_cause and located.solutions:
                _point(located, of_cause, {field: placed.get((name, field)) for field in FIGURES})
                beneath[id(of_cause[0])] = of_cause[1:]
    ordered = [each for row in rows if row["standing"] != Standing.FOLLOWS for each in (row, *beneath.get(id(row), ()))]
    return pd.DataFrame(ordered, columns=findings.columns).astype(findings.dtypes.to_dict())


def _figures(department: Mapping[Any, Any]) -> dict[str, Any]:
    values = {name: department.get(name) for name in FIGURES}
    return {name: None if value is None or value != value else fraction(value) for name, value in values.items()}  # noqa: PLR0124 - NaN


def _unread(department: Mapping[Any, Any]) -> Iterable[str]:
    return [name for name in FIGURES if department.get(f"{name}_doubtful")]


def _of_cause(located: Located, mine: Iterable[Row]) -> list[Row]:
    """Give the findings on relations that are broken together and neither cause nor consequence of others yet."""
    broken = (*located.broken, *located.follow)
    return [
        row for row in mine
        if row["standing"] == Standing.COUNTED
        and any(row["rule"] == each.rule and row["field"] in each.fields for each in broken)
    ]  # fmt: skip


def _point(located: Located, of_cause: Sequence[Row], places: Mapping[str, Row | None]) -> None:
    """Change the findings of one cause: the first is pointed to the wrong figure, the others follow from it."""
    first, *others = of_cause
    if not located.firm:
        _suggest(first, located, places)
    elif located.clear:
        _name(first, located.solutions[0], located, places)
    else:
        _list(first, located.solutions, places)
    for row in others:
        row["standing"] = Standing.FOLLOWS.value
        row["follows_from"] = place_of(first)
    if others:
        told = "；".join(f"{RULE[row['rule']].title}（{row['cell'] or row['label']}）" for row in others)
        first["message"] += f"由此还有 {len(others)} 处不符：{told}。"


def _name(row: Row, solution: Solution, located: Located, places: Mapping[str, Row | None]) -> None:
    """Point a finding to the figures that one solution changes."""
    change = solution.changes[0]
    _place(row, change, places)
    row["remedy"] = _CORRECT
    what = "，".join(_changed(each, places, alone=len(solution.changes) == 1) for each in solution.changes)
    cause = f"（{change.slip.words}）" if change.slip.words else ""
    mended = "、".join(dict.fromkeys(each.words for each in (*located.broken, *located.follow)))
    confirmed = "、".join(dict.fromkeys(each.words for each in _confirming(located, solution)))
    row["message"] = f"{what}{cause}。改正后，{mended}。"
    if confirmed:
        row["message"] += f"现有数据中，{confirmed}，与此相符。"


def _confirming(located: Located, solution: Solution) -> Sequence[Relation]:
    """Give the relations that hold as filed and speak for the figures beside the wrong ones."""
    beside = {name for each in located.broken for name in each.fields} - set(solution.fields)
    return [
        each for each in located.holding if beside & set(each.fields) and not set(solution.fields) & set(each.fields)
    ]


def _suggest(row: Row, located: Located, places: Mapping[str, Row | None]) -> None:
    """Say which figures are wrong in case any is: the relation may be broken for a good reason.

    Where no slip explains a figure, the finding stays as it is: it compares two, and says of neither that it is wrong.
    """
    explained = [each for each in located.solutions if any(change.slip.words for change in each.changes)]
    if not explained:
        return
    shown = explained[: 1 if located.clear else MOST_CANDIDATES]
    if not any(row["field"] in each.fields for each in located.solutions):
        _place(row, shown[0].changes[0], places)
        if not located.clear:
            row["expected"] = ""
    told = []
    for change in (change for each in shown for change in each.changes):
        cause = f"（{change.slip.words}）" if change.slip.words else ""
        told.append(_changed(change, places, alone=False) + cause)
    named = list(dict.fromkeys(told))
    more = f"等 {len(named)} 处" if len(named) > MOST_CANDIDATES else ""
    row["message"] += f"如系填写有误，可能是{'；'.join(named[:MOST_CANDIDATES])}{more}。"


def _list(row: Row, solutions: Sequence[Solution], places: Mapping[str, Row | None]) -> None:
    """Say that one of several figures is wrong, likeliest first."""
    firsts = list({each.changes[0].field: each.changes[0] for each in solutions}.values())
    if row["field"] not in {change.field for change in firsts}:
        _place(row, firsts[0], places)
    row["expected"] = ""
    listed = "；".join(_changed(change, places, alone=False) for change in firsts[:MOST_CANDIDATES])
    more = f"等 {len(firsts)} 处" if len(firsts) > MOST_CANDIDATES else ""
    count = "两处" if len(firsts) == 2 else "下列各处"  # noqa: PLR2004 - 两处之一
    row["message"] = f"{row['message']}有误的是{count}之一：{listed}{more}。"
    row["remedy"] = _CORRECT_ONE


def _changed(change: Change, places: Mapping[str, Row | None], *, alone: bool) -> str:
    place, asked = places[change.field], FIELDS[change.field]
    cell = f"（{place['cell']}）" if place and place["cell"] and not alone else ""
    filed = place["raw"].strip() if place and place["raw"].strip() else "空白"
    value = "" if change.value is None else f"，可能应为 {format_figure(float(change.value), asked.kind)}"
    return f"“{asked.label}”{cell}填写为 {filed}{value}"


def place_of(finding: Mapping[str, Any]) -> str:
    """Give where a finding stands, as what follows from it names it: sheet and cell, or what it is about."""
    return f"{finding['sheet']} {finding['cell'] or finding['label']}".strip()


def _place(row: Row, change: Change, places: Mapping[str, Row | None]) -> None:
    """Put a finding at the cell of a figure, with what stands there and what should."""
    asked, place = FIELDS[change.field], places[change.field]
    row["field"], row["label"] = change.field, asked.label
    if place:
        row |= {"sheet": place["sheet"], "cell": place["cell"], "label": place["label"]}
    row["stated"] = place["raw"].strip() if place else ""
    row["expected"] = "" if change.value is None else format_figure(float(change.value), asked.kind)
