"""Readings → tables, and tables → the wide ones that formulas are read from."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.exact import exact, floats
from pipeline.grade import grades
from pipeline.reading import NUMERIC
from schemas.annexes import FIELDS, FORMS, INDICATORS
from schemas.policy import FULL_MARKS
from schemas.states import EXECUTION, TOTAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.reading import Reading
    from schemas.policy import Policy

_ROW_TEXTS = (
    "criterion", "aspect", "level1", "level2", "level3", "target", "actual", "sheet", "cell",
    "raw_weight", "raw_self_points", "reason", "actual_unit_given",
    *(f"{column.name}_cell" for column in INDICATORS.columns),
)  # fmt: skip
_ROW_NUMBERS = ("filed_weight", "filed_self_points")
_ROW_FLAGS = ("level3_doubtful", "target_doubtful", "actual_doubtful")
_FACTS = ("field", "label", "raw", "value", "sheet", "cell", "doubtful")
_FIRST = ("rule", "field", "label", "sheet", "cell", "stated", "expected")


def facts(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per department × field."""
    rows = [(each.department, *fact, each.source_file) for each in readings for fact in each.facts]
    table = pd.DataFrame(rows, columns=["department", *_FACTS, "source_file"])
    texts = dict.fromkeys(("department", "field", "label", "raw", "sheet", "cell", "source_file"), "str")
    return table.astype(texts | {"value": "object", "doubtful": "bool"})


def indicators(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per department × indicator row."""
    rows = [
        row | {"department": each.department, "source_file": each.source_file}
        for each in readings
        for row in each.indicators
    ]
    columns = ["department", "row", *_ROW_TEXTS, *_ROW_NUMBERS, *_ROW_FLAGS, "source_file"]
    table = pd.DataFrame(rows, columns=columns, dtype="object")
    texts = dict.fromkeys((*_ROW_TEXTS, "department", "source_file"), "str")
    table[list(_ROW_TEXTS)] = table[list(_ROW_TEXTS)].fillna("")
    return table.astype(
        texts | dict.fromkeys(_ROW_NUMBERS, "float64") | dict.fromkeys(_ROW_FLAGS, "bool") | {"row": "int64"}
    )


def first_findings(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per finding of reading itself."""
    rows = [(each.department, *finding, each.source_file) for each in readings for finding in each.findings]
    return pd.DataFrame(rows, columns=["department", *_FIRST, "source_file"]).astype("str")


def departments(readings: Sequence[Reading], long: pd.DataFrame) -> pd.DataFrame:
    """Widen facts: one row per department, a column per field, and ``<field>_doubtful`` beside it.

    A field that was not found at all counts as doubtful: the finding that it is missing has been made.
    """
    names = [each.department for each in readings]
    values = long.pivot(index="department", columns="field", values="value").reindex(index=names, columns=list(FIELDS))
    doubtful = long.pivot(index="department", columns="field", values="doubtful").reindex(
        index=names, columns=list(FIELDS)
    )
    flags = doubtful.isna() | doubtful.eq(other=True)
    columns = {name: values[name].astype("float64" if FIELDS[name].kind.numeric else "object") for name in FIELDS}
    columns |= {f"{name}_doubtful": flags[name] for name in FIELDS}
    wide = pd.DataFrame(columns).reset_index()
    return wide.assign(
        sent_as=[each.source_file for each in readings],
        full_marks=float(FULL_MARKS),
        **{f"{item}_of_budget": wide[f"{item}_outturn"] / wide[f"{item}_budget"] for item in ("basic", "project")},
    )


def with_rows(wide: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Add how many indicator rows each department has, and how many are met."""
    rows = judged.groupby("department")["row"].size()
    met = judged["state"].eq("met").groupby(judged["department"]).sum()
    return wide.assign(
        indicator_rows=wide["department"].map(rows).astype("float64"),
        indicators_met=wide["department"].map(met).astype("float64"),
    )


def with_scores(wide: pd.DataFrame, scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add what was scored: points of execution and in total, the sum of the self points, the self grade."""
    points = scores.pivot(index="department", columns="criterion", values="points")
    parts = scores[scores["criterion"].ne(TOTAL)].assign(self_points=lambda table: exact(table["self_points"]))
    sums = floats(parts.groupby("department")["self_points"].agg(lambda values: sum(values, Fraction(0))))
    total = wide["department"].map(points[TOTAL])
    return wide.assign(
        points_execution=wide["department"].map(points[EXECUTION]),
        points_total=total,
        self_sum=wide["department"].map(sums),
        self_grade=grades(wide["total_points"], policy),
        difference=(total - wide["total_points"]).round(2),
    )


def with_measures(wide: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Add every measure as a column."""
    values = measures.pivot(index="department", columns="measure", values="value").reindex(wide["department"])
    return wide.join(values.reset_index(drop=True).set_index(wide.index))


def county(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per department of a county: its figures, and what it gives itself for its indicators."""
    table = pd.DataFrame([each.figures for each in readings], columns=list(NUMERIC), dtype="float64")
    return table.assign(
        department=pd.Series([each.department for each in readings], dtype="str"),
        sent_as=pd.Series([each.source_file for each in readings], dtype="str"),
        claimed=[each.claimed for each in readings],
    )


def with_medians(table: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Add some measures as columns, and ``median_<measure>``, that of the whole county."""
    wide = with_measures(table, measures)
    names = measures["measure"].unique()
    return wide.assign(**{f"median_{name}": wide[name].median() for name in names})


def blocks(wide: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give one row per department × block of indicators: rows, filed weights, and the cell of the first weight."""
    first = rows.drop_duplicates(["department", "criterion"])
    columns = [
        "department",
        "criterion",
        "block_rows",
        "weight_basis",
        "filed_sum",
        "sheet",
        "weight_cell",
        "raw_weight",
        "level1",
        "level1_cell",
    ]
    sheet = next(form.sheet for form in FORMS if form.indicators)
    found = wide.loc[
        ~wide["total_points_doubtful"] | wide["department"].isin(rows["department"]),
        ["department", "sent_as"],
    ]
    every = found.merge(pd.DataFrame({"criterion": [block.criterion for block in INDICATORS.blocks]}), how="cross")
    table = every.merge(first[columns], on=["department", "criterion"], how="left")
    return table.assign(
        criterion_label=table["criterion"].map(policy.label),
        block_weight=table["criterion"].map(policy.weight).astype("float64"),
        block_rows=table["block_rows"].fillna(0).astype("int64"),
        weight_basis=table["weight_basis"].fillna(""),
        filed_sum=[float(value) if isinstance(value, Fraction) else 0.0 for value in table["filed_sum"]],
        sheet=table["sheet"].fillna(sheet),
        weight_cell=table["weight_cell"].fillna(""),
        level1=table["level1"].fillna(""),
        level1_cell=table["level1_cell"].fillna(""),
        raw_weight=table["raw_weight"].fillna(""),
        source_file=table["sent_as"],
        aspects_missing=_aspects_missing(table, rows),
    )


def _aspects_missing(table: pd.DataFrame, rows: pd.DataFrame) -> pd.Series[str]:
    """Name the aspects under which a block that usually has each of them has no row; a row of none leaves it open."""
    held = rows.groupby(["department", "criterion"])["aspect"].agg(frozenset)
    here = table.merge(held.rename("held"), left_on=["department", "criterion"], right_index=True, how="left")["held"]
    aspects = {block.criterion: block.aspects for block in INDICATORS.blocks if block.every}
    told = [
        "" if not isinstance(found, frozenset) or "" in found
        else "、".join(each.words for each in aspects.get(criterion, ()) if each.name not in found)
        for criterion, found in zip(table["criterion"], here, strict=True)
    ]  # fmt: skip
    return pd.Series(told, index=table.index, dtype="str")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table as plain values, blanks as None: what a worker without pandas can use."""
    names = [str(name) for name in table]
    return [dict(zip(names, row, strict=True)) for row in zip(*(_plain(table[name]) for name in table), strict=True)]


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Give a column as plain values, blanks as None."""
    blank = column.isna().to_numpy()
    values = column.tolist()
    if not blank.any():
        return values
    return [None if is_blank else value for value, is_blank in zip(values, blank, strict=True)]
