"""部门（单位）整体支出绩效自评表 as other provinces print it after 财预〔2020〕10号, made from annex 1-2.

Its funds run 年初预算数, 全年预算数, 全年执行数 and stand by source; reasons stand at each row, and there is neither a
grade nor a box of reasons. Source: public filings of departments (method 10; F017, F025, F102 and F117 of
`tests/cases/filings.toml`).
"""

from dataclasses import replace
from types import MappingProxyType

from schemas.forms.annex_1_2 import ANNEX_1_2
from schemas.forms.model import (
    Derived,
    Field,
    Grid,
    Head,
    Heads,
    Indicators,
    Kind,
    Line,
    Note,
    Pair,
    Pairs,
    Prompt,
    Ratio,
    Strip,
    Sum,
    YearLine,
)
from schemas.forms.other_names import other_names

FIELD = {each.name: each for each in ANNEX_1_2.fields()}
FUNDS, GOALS, ROWS, _REASONS = (section for section in ANNEX_1_2.sections if isinstance(section, Strip))
GRID = next(section for section in FUNDS.sections if isinstance(section, Grid))
TABLE = next(section for section in ROWS.sections if isinstance(section, Indicators))
_TOP, _BOTTOM = (section for section in ANNEX_1_2.sections if isinstance(section, Line))
YEAR = next(section for section in ANNEX_1_2.sections if isinstance(section, YearLine))
_COLUMN = {column.name: column for column in (*GRID.columns, *GRID.optional, *TABLE.columns, *TABLE.optional)}

WIDTHS = (6, 10, 14, 30, 22, 20, 9, 9, 24)
_SOURCES = (("当年财政拨款", "fiscal"), ("上年结转资金", "carryover"), ("其他资金", "other"))


def _amount(name: str, label: str) -> Field:
    return FIELD.get(name) or Field(name, label, Kind.AMOUNT)


def funds(income: tuple[str, ...], spending: tuple[str, ...]) -> Grid:
    """Give the line of funds with the budget at the beginning of the year before that of the whole year."""
    columns = ("initial_budget", "budget", "executed")
    points = tuple(
        next(each for each in GRID.columns if each.name == name) for name in ("weight", "rate_stated", "points")
    )
    derived: dict[str, Derived] = {
        "funds_budget": Sum(income),
        "funds_executed": Sum(spending),
        "funds_rate_stated": Ratio("funds_executed", "funds_budget"),
    }
    return replace(
        GRID,
        columns=(*(_COLUMN[name] for name in columns), *points),
        optional=(),
        spans=(2, 1, 1, 1, 1, 1, 1),
        derived=MappingProxyType(derived),
    )


def goals() -> Strip:
    """Give the goals under shorter heads."""
    heads = (Head("预期目标", FIELD["goal_planned"]), Head("实际完成情况", FIELD["goal_achieved"]))
    return Strip(GOALS.words, (Heads(heads, spans=(4, 4), tall=True),))


def indicators() -> Strip:
    """Give the indicators with a column of reasons at their right."""
    reason = _COLUMN["reason"]
    optional = tuple(each for each in TABLE.optional if each is not reason)
    return Strip(ROWS.words, (replace(TABLE, columns=(*TABLE.columns, reason), optional=optional, spans=(1,) * 8),))


def total() -> Pairs:
    """Give the line of the total, which no grade stands beside."""
    fields = (FIELD["total_weight"], FIELD["total_points"])
    return Pairs(((Pair("总  分", fields, ("weight", "self_points")),),), spans=(6, 1, 2))


def top(office: str) -> Line:
    """Give the line that asks for the name of the office."""
    return Line((Prompt(office, FIELD["department_1_2"]), _TOP.parts[1]), spans=(2, 2, 1, 4))


BOTTOM = replace(_BOTTOM, spans=(2, 1, 1, 1, 1, 3))

ANNEX_1_2_NATIONAL = replace(
    ANNEX_1_2,
    version="national-2020",
    name="各省通行的部门（单位）整体支出绩效自评表",
    widths=WIDTHS,
    sections=(
        YEAR,
        top("部门（单位）名称"),
        Strip(
            FUNDS.words,
            (
                funds(
                    tuple(f"income_{name}" for _, name in _SOURCES), tuple(f"spending_{name}" for _, name in _SOURCES)
                ),
                Pairs(
                    tuple(
                        (
                            Pair(
                                words,
                                (
                                    _amount(f"income_{name}", words),
                                    _amount(f"spending_{name}", f"{words}执行数"),
                                ),
                                ("budget", "executed"),
                            ),
                        )
                        for words, name in _SOURCES
                    ),
                    spans=(3, 1, 4),
                ),
            ),
        ),
        goals(),
        indicators(),
        total(),
        BOTTOM,
        Note("说明：未完成的指标，在“偏差原因分析及改进措施”栏写明原因和措施；三级指标按需增减行。"),
    ),
    also=other_names("annex_1_2", "national-2020"),
)
