"""Declare the self-evaluation of Hunan's provincial departments, made from annex 1-2 with what other provinces print.

Income stands at the left and spending at the right, without the parts of 基本支出; the office is asked for as
省级预算部门名称. Source: public filings of departments in Hunan (method 10; F093 and F099 of
`tests/cases/filings.toml`).
"""

from dataclasses import replace

from schemas.forms.annex_1_2 import ANNEX_1_2
from schemas.forms.annex_1_2_national import BOTTOM, FIELD, FUNDS, WIDTHS, YEAR, funds, goals, indicators, top, total
from schemas.forms.model import Note, Pair, Pairs, Strip
from schemas.forms.other_names import other_names

_BUDGET, _EXECUTED = ("budget",), ("executed",)
_INCOME = (
    ("其中：一般公共预算", "income_general"),
    ("政府性基金拨款", "income_fund"),
    ("纳入专户管理的非税收入拨款", "income_nontax"),
    ("其他资金", "income_other"),
)
_SPENDING = (("其中：基本支出", "spending_basic"), ("项目支出", "spending_project"))
_LEFT = [Pair(words, (FIELD[name],), _BUDGET) for words, name in _INCOME]
_RIGHT = [Pair(words, (replace(FIELD[name], derived=None),), _EXECUTED) for words, name in _SPENDING]

ANNEX_1_2_HUNAN = replace(
    ANNEX_1_2,
    version="hunan-2020",
    name="湖南省级部门的部门整体支出绩效自评表",
    widths=WIDTHS,
    sections=(
        YEAR,
        top("省级预算部门名称"),
        Strip(
            FUNDS.words,
            (
                funds(tuple(name for _, name in _INCOME), tuple(name for _, name in _SPENDING)),
                Pairs(
                    (
                        (Pair("按收入性质分"), Pair("按支出性质分")),
                        (_LEFT[0], _RIGHT[0]),
                        (_LEFT[1], _RIGHT[1]),
                    ),
                    spans=(3, 1, 2, 2),
                ),
                Pairs(((_LEFT[2],), (_LEFT[3],)), spans=(3, 5)),
            ),
        ),
        goals(),
        indicators(),
        total(),
        BOTTOM,
        Note("说明：未完成的指标，在“偏差原因分析及改进措施”栏写明原因和措施；三级指标按需增减行。"),
    ),
    also=other_names("annex_1_2", "hunan-2020"),
)
