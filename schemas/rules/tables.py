"""Declare the tables that rules read, with the rules of the register as named checks of them.

Each is validated for all departments at once and lazily. A failed check of a field is named as its rule
(``value_negative``), a failed rule by `Rule.name`; everything else that fails is a mistake of this program.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandera.pandas as pa

from schemas.column_types import INTEGER, NUMBER, TEXT
from schemas.forms.frame_schema import FILED, FILED_ROWS
from schemas.rules.outliers import COMPARED
from schemas.rules.outliers import TABLE as COUNTY_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from schemas.policy import Policy
    from schemas.rules.model import Applies, Rule

DEPARTMENTS = pa.DataFrameSchema(
    {"department": pa.Column(TEXT, title="部门"), "sent_as": pa.Column(TEXT, title="文件"), **FILED},
    name="departments",
    title="各部门填报的数据",
    description="每个部门一行：各版附表的每一项一栏；另有 <项>_doubtful、上年数和各项测算。",
    unique=["department"],
)
INDICATORS = pa.DataFrameSchema(
    {"department": pa.Column(TEXT, title="部门"), "row": pa.Column(INTEGER, title="序号"), **FILED_ROWS},
    name="indicators",
    title="各部门填报的绩效指标",
    description="每个部门的每个三级指标一行；另有对目标和实际的判断、分值和得分。",
    unique=["department", "row"],
)
BLOCKS = pa.DataFrameSchema(
    {
        "department": pa.Column(TEXT, title="部门"),
        "source_file": pa.Column(TEXT, title="文件"),
        "criterion": pa.Column(TEXT, title="一级指标"),
        "criterion_label": pa.Column(TEXT, title="一级指标名称"),
        "block_weight": pa.Column(NUMBER, pa.Check.ge(0), title="规定的分值"),
        "aspects_missing": pa.Column(TEXT, title="没有指标的二级指标"),
        "sheet": pa.Column(TEXT, title="工作表"),
        "block_rows": pa.Column(INTEGER, pa.Check.ge(0), title="指标数"),
        "weight_basis": pa.Column(TEXT, title="分值的依据"),
        "filed_sum": pa.Column(NUMBER, title="填写的分值之和"),
        "weight_cell": pa.Column(TEXT, title="首个分值的单元格"),
        "raw_weight": pa.Column(TEXT, title="首个分值原文"),
        "level1": pa.Column(TEXT, title="一级指标原文"),
        "level1_cell": pa.Column(TEXT, title="一级指标的单元格"),
    },
    name="blocks",
    title="各部门的一级指标",
    description="每个部门的每个一级指标一行。",
    unique=["department", "criterion"],
)
COUNTY = pa.DataFrameSchema(
    {
        "department": pa.Column(TEXT, title="部门"),
        **{
            f"{of}{name}": pa.Column(NUMBER, nullable=True, title=title)
            for name in COMPARED
            for of, title in (("", "本部门"), ("median_", "全县中位数"))
        },
        "claimed": pa.Column(NUMBER, nullable=True, title="指标自评得分"),
        "offered": pa.Column(NUMBER, nullable=True, title="指标填写的分值之和"),
    },
    name=COUNTY_TABLE,
    title="各部门与全县比较",
    description="全县每个部门一行。",
    unique=["department"],
)
TABLES: dict[str, pa.DataFrameSchema] = {str(each.name): each for each in (DEPARTMENTS, INDICATORS, BLOCKS, COUNTY)}
"""The tables that rules read, by `Rule.table`."""


def rules_schema(
    schema: pa.DataFrameSchema,
    rules: Iterable[Rule],
    policy: Policy,
    table: pd.DataFrame,
    applies: Mapping[str, Applies],
) -> pa.SeriesSchema:
    """Declare the rules on a table as named checks of its rows, given by their numbers.

    The checks read the whole table. They are not checks of the table itself because pandera repeats, for each row that
    fails a check, every column of what it validates, and rules read a table of some 250.

    Args:
        schema: one of `TABLES`.
        rules: the rules in force; those on other tables are left out, and those that can be checked nowhere.
        policy: tolerances and thresholds.
        table: the table itself.
        applies: where each rule can be checked, by `Rule.name`: one flag a row.
    """
    checks = [
        pa.Check(
            partial(_holds, rule, policy, table, applies),
            name=rule.name,
            title=rule.title,
            description=rule.reference,
        )
        for rule in rules
        if rule.check and rule.table == schema.name and applies[rule.name].any()
    ]
    return pa.SeriesSchema(INTEGER, checks, name=schema.name, title=schema.title, description=schema.description)


def _holds(
    rule: Rule,
    policy: Policy,
    table: pd.DataFrame,
    applies: Mapping[str, Applies],
    _numbers: pd.Series[int],
) -> pd.Series[bool]:
    """Tell of each row whether it keeps a rule."""
    return ~rule.breaches(table, policy, applies[rule.name])
