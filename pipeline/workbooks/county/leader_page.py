"""Put together what the leader's page says as plain values: the first sheet, local page and circular show it."""

from __future__ import annotations

import json
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.workbooks.county.leader_figures import (
    common_problems,
    largest_changes,
    matters,
    more_matters,
    outliers,
    short_names,
)
from pipeline.workbooks.county.years import this_year, year_totals
from pipeline.workbooks.department_years import years_of
from pipeline.workbooks.table_sheet import sums_with_rate
from schemas.enums import EVALUATED, Status
from schemas.measures import ITEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.workbooks.county.data import County

NO_LAST_YEAR = "上年没有数据"
LAST_YEAR = "上年"
SPENDING = (("基本支出", "basic"), ("项目支出", "project"))
"""Expenditure of annex 1-1: label and the item of its fields."""
PERCENT_POINTS = "个百分点"


class Beside(NamedTuple):
    """What a key figure is held against: words, value, number format, and whether an arrow tells the change."""

    words: str
    value: float | None
    number: str
    arrow: bool = True


class KeyFigure(NamedTuple):
    """A figure that the page is about: name, label with its unit, value, number format, what it is held against."""

    name: str
    label: str
    value: float | None
    number: str
    beside: tuple[Beside, ...]

    def note(self) -> str:
        """Say what the figure is held against, and how far it is from that."""
        return "　".join(filter(None, (_told(self.value, each) for each in self.beside)))


def key_figures(county: County) -> tuple[KeyFigure, ...]:
    """Give the five key figures of the county. Money in 万元, execution as a fraction."""
    points, claimed = (
        [row[key] for row in county.summary if row[key] is not None] for key in ("points", "self_points")
    )
    executed, budget = sums_with_rate(county.departments, "funds_executed", "funds_budget")
    errors, warnings = (sum(row[name] for row in county.summary) for name in ("errors", "warnings"))
    missing = sum(row["status"] == Status.MISSING for row in county.submissions)
    expected = len(county.departments) + missing if county.with_roster else None
    last = county.last_year
    return (
        KeyFigure(
            "received", "已评价部门（个）", len(county.departments), "0",
            (Beside("应报", expected, "0", arrow=False), Beside(LAST_YEAR, last.reported, "0")),
        ),
        KeyFigure(
            "points", "平均核算得分", _mean(points), "0.00",
            (Beside("自评平均", _mean(claimed), "0.00"), Beside(LAST_YEAR, last.points, "0.00")),
        ),
        KeyFigure(
            "three_public", "“三公”经费决算（万元）", county_sum(county, "three_public_outturn"), "#,##0.00",
            (Beside(LAST_YEAR, county_sum(county, "three_public_prior_outturn"), "#,##0.00"),),
        ),
        KeyFigure(
            "execution", "全县预算执行率", executed / budget if budget > 0 else None, "0.0%",
            (Beside(LAST_YEAR, last.execution, "0.0%"),),
        ),
        KeyFigure(
            "findings", "审核发现（处）", errors + warnings, "0",
            (Beside("其中错误", errors, "0", arrow=False), Beside(LAST_YEAR, last.findings, "0")),
        ),
    )  # fmt: skip


def county_sum(county: County, name: str) -> float | None:
    """Give the sum of a field over the county; None where nobody filed it."""
    filed = [row[name] for row in county.departments if row[name] is not None]
    return float(sum(filed)) if filed else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def received(county: County) -> str:
    """Say what came in, of what was expected."""
    counts = Counter(row["status"] for row in county.submissions)
    told = "，".join(f"{Status(status).label} {count}" for status, count in sorted(counts.items()))
    files = sum(bool(row["source_file"]) for row in county.submissions)
    sent, missing = sum(counts[each] for each in EVALUATED), counts[Status.MISSING]
    expected = (
        f"应报部门中未报 {missing} 个，已评价 {sent} 个。" if county.with_roster else "没有部门名册，不知道应报多少。"
    )
    return f"收到文件 {files} 个：{told}。{expected}"


def grade_counts(county: County) -> list[tuple[str, int, int]]:
    """Give each grade with how many departments have it as computed, and by their own evaluation."""
    computed, claimed = (Counter(row[key] for row in county.summary) for key in ("grade", "self_grade"))
    return [(grade.word, computed[grade.word], claimed[grade.word]) for grade in county.policy.grades]


def shown_number(value: float, number: str) -> str:
    """Show a number as the spreadsheet function TEXT does: half a unit is rounded away from zero."""
    percent = number.endswith("%")
    decimals = len(number.rstrip("%").partition(".")[2])
    exact = Decimal(repr(float(value))) * (100 if percent else 1)
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return (f"{rounded:,}" if "," in number else f"{rounded}") + ("%" if percent else "")


def _told(value: float | None, beside: Beside) -> str:
    if beside.value is None:
        return NO_LAST_YEAR if beside.words == LAST_YEAR else ""
    change = _change(value, beside.value, beside.number) if beside.arrow and value is not None else ""
    return f"{beside.words} {shown_number(beside.value, beside.number)}{change}"


def _change(now: float, before: float, number: str) -> str:
    sign = "▲" if now > before else "▼" if now < before else "＝"
    if number.endswith("%"):
        return f" {sign}{shown_number(abs(now - before) * 100, number.rstrip('%'))}{PERCENT_POINTS}"
    return f" {sign}{shown_number(abs(now - before), number)}"


def leader_page(county: County) -> bytes:
    """Write the page as JSON: texts as they are shown, figures behind bars and points as numbers. Money in 万元."""
    short = short_names([row["department"] for row in county.summary])
    named = outliers(county.summary)
    page = {
        "received": received(county),
        "figures": [
            {
                "name": each.name,
                "label": each.label,
                "text": "—" if each.value is None else shown_number(each.value, each.number),
                "note": each.note(),
            }
            for each in key_figures(county)
        ],
        "matters": [each._asdict() for each in matters(county)],
        "more_matters": more_matters(county),
        "grades": [
            {"word": word, "computed": computed, "claimed": claimed} for word, computed, claimed in grade_counts(county)
        ],
        "scores": [
            {
                "department": row["department"],
                "short": short[row["department"]],
                "points": row["points"],
                "self_points": row["self_points"],
                "named": row["department"] in named,
            }
            for row in county.summary
            if row["points"] is not None and row["self_points"] is not None
        ],
        "items": [_item(county, label, item) for item, label in ITEMS]
        + [_item(county, label, item) for label, item in SPENDING],
        "changes": [each._asdict() | {"short": short[each.department]} for each in largest_changes(county)],
        "problems": [
            {"title": each.title, "departments": each.departments, "again": each.again}
            for each in common_problems(county)
        ],
        "last_year_known": bool(county.last_year.rules),
        "years": year_totals(county),
        "department_years": _department_years(county),
    }
    return json.dumps(page, ensure_ascii=False, indent=1).encode()


def _item(county: County, label: str, item: str) -> dict[str, Any]:
    """Give an item over the county; ``difference`` and ``change``, a fraction, are of departments with both years."""
    names = {each: f"{item}_{each}" for each in ("prior_outturn", "budget", "outturn")}
    filed = set(county.departments[0]) if county.departments else set()
    figures = {each: county_sum(county, name) if name in filed else None for each, name in names.items()}
    known = filed >= {names["outturn"], names["prior_outturn"]}
    now, before = sums_with_rate(county.departments, names["outturn"], names["prior_outturn"]) if known else (0, 0)
    pairs = [(row[names["outturn"]], row[names["prior_outturn"]]) for row in county.departments] if known else []
    both = [later - earlier for later, earlier in pairs if later is not None and earlier is not None]
    change = (now - before) / before if before > 0 else None
    return {"label": label, "item": item, **figures, "difference": sum(both) if both else None, "change": change}


def _department_years(county: County) -> dict[str, list[dict[str, Any]]]:
    """Give the figures of each department by year, this year's last; none where no earlier year is known."""
    if not county.years:
        return {}
    years = county.years | {county.policy.year: this_year(county)}
    return {row["department"]: years_of(years, row["department"]) for row in county.departments}
