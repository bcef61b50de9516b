"""部门整体绩效自评表 as departments of Chongqing print it, made from annex 1-2: one flat table of indicators.

Its indicators have neither first nor second levels, each has its unit and its 指标性质 beside the value; the funds are
one line below their heads, without a word at their left. Source: public filings of departments in Chongqing (method 10;
F119 of `tests/cases/filings.toml`).
"""

from dataclasses import replace

from schemas.forms.annex_1_2 import ANNEX_1_2
from schemas.forms.annex_1_2_national import FIELD, FUNDS, GOALS, ROWS, TABLE, YEAR
from schemas.forms.model import Column, Field, Head, Heads, Kind, Line, Note, Pair, Pairs, Prompt, Strip
from schemas.forms.other_names import other_names

_FUNDS = (
    ("年初预算数", "funds_initial_budget"),
    ("全年（调整）预算数", "funds_budget"),
    ("全年执行数", "funds_executed"),
    ("执行率（%）", "funds_rate_stated"),
    ("执行率权重", "funds_weight"),
    ("执行率得分（分）", "funds_points"),
)
_GOALS = (
    Head("年初绩效目标", FIELD["goal_planned"]),
    Head("全年（调整）绩效目标", Field("goal_adjusted", "全年（调整）绩效目标", Kind.TEXT)),
    Head("全年目标实际完成情况", FIELD["goal_achieved"]),
)
_COLUMNS = (
    Column("level3", "指标名称", Kind.TEXT),
    Column("unit", "计量单位", Kind.TEXT),
    Column("sign", "指标性质", Kind.TEXT),
    Column("target", "指标值", Kind.TEXT),
    Column("actual", "全年完成值", Kind.TEXT),
    Column("weight", "指标权重（分）", Kind.POINTS),
    Column("self_points", "指标得分（分）", Kind.POINTS),
)
_BESIDE = frozenset(column.name for column in _COLUMNS)

ANNEX_1_2_CHONGQING = replace(
    ANNEX_1_2,
    version="chongqing-2020",
    name="重庆市的部门整体绩效自评表",
    title="部门整体绩效自评表",
    widths=(6, 30, 12, 16, 20, 20, 12, 12),
    sections=(
        YEAR,
        Line((Prompt("主管部门", FIELD["department_1_2"]), Prompt("填报时间", FIELD["reported_on_1_2"])), (2, 2, 2, 2)),
        Line((Prompt("部门联系人", FIELD["filled_by"]), Prompt("联系电话", FIELD["telephone"])), (2, 2, 2, 2)),
        Pairs(((Pair("自评总分（分）", (FIELD["total_points"],)),),), spans=(2, 6)),
        Strip(
            FUNDS.words,
            (
                Heads(
                    tuple(Head(words, replace(FIELD[name], derived=None)) for words, name in _FUNDS),
                    spans=(2, 1, 1, 1, 1, 1),
                ),
            ),
        ),
        Strip(GOALS.words, (Heads(_GOALS, spans=(2, 2, 3), tall=True),)),
        Strip(
            ROWS.words,
            (
                replace(
                    TABLE,
                    columns=_COLUMNS,
                    optional=tuple(each for each in TABLE.optional if each.name not in _BESIDE),
                    spans=(1,) * 7,
                ),
            ),
        ),
        Note("说明：指标按需增减行。"),
    ),
    also=other_names("annex_1_2", "chongqing-2020"),
)
