"""Declare the tables of the contract: pandera schema, key, grain and order of columns of each, in one place.

Each column is declared once, with its Chinese title: what is written as data (`TABLES`, `COLUMNS`), what passes between
stages and what `jixiao schemas` prints come from here. A table that does not hold is a mistake of this program and
raises. What departments filed is declared by `schemas.forms.frame_schema`; its failures become findings.
"""

from __future__ import annotations

import pandera.pandas as pa

from schemas.column_types import INTEGER, INTEGER_OR_BLANK, NUMBER, TEXT
from schemas.enums import Alarm, Severity, Standing, State, Status
from schemas.lists.reviews import COLUMNS as REVIEWED
from schemas.lists.reviews import Effect


def _text(title: str, *, among: tuple[str, ...] = ()) -> pa.Column:
    """Declare a column of texts, "" where there is none."""
    return pa.Column(TEXT, pa.Check.isin([str(each) for each in among]) if among else None, title=title)


def _number(title: str, *, nullable: bool = True, least: float | None = None) -> pa.Column:
    """Declare a column of floats; blanks are NaN."""
    return pa.Column(NUMBER, None if least is None else pa.Check.ge(least), nullable=nullable, title=title)


def _count(title: str, *, least: int = 0) -> pa.Column:
    """Declare a column of whole numbers without blanks."""
    return pa.Column(INTEGER, pa.Check.ge(least), title=title)


def _table(title: str, grain: str, key: tuple[str, ...], /, **columns: pa.Column) -> pa.DataFrameSchema:
    """Declare a table: what it is called, what a row is, its key, and its columns in the order of the contract.

    While tables are computed other columns may stand behind these; they are not written.
    """
    return pa.DataFrameSchema(columns, unique=list(key) or None, strict=False, title=title, description=grain)


SUBMISSIONS = _table(
    "报送情况",
    "收件夹里的每个文件一行，应报而没有报送的每个部门一行",
    ("source_file", "department"),
    department=_text("部门"),
    fiscal_year=pa.Column(INTEGER_OR_BLANK, nullable=True, title="年度"),
    source_file=_text("文件"),
    sha256=_text("文件的SHA-256"),
    status=_text("状态", among=tuple(Status)),
    reason=_text("原因"),
    received=_text("收到时间（北京时间）"),
    timeliness=_text("是否按时"),
    return_state=_text("报表状态"),
)
FACTS = _table(
    "填报的数据",
    "每个部门的每一项一行：存的是什么、显示什么、读作什么、在哪个单元格",
    ("department", "field"),
    department=_text("部门"),
    field=_text("项目"),
    label=_text("项目名称"),
    raw=_text("原文"),
    value=pa.Column(object, nullable=True, title="读作（数或文字）"),
    sheet=_text("工作表"),
    cell=_text("单元格"),
    source_file=_text("文件"),
    shown=_text("显示"),
)
INDICATORS = _table(
    "绩效指标",
    "每个部门的每个三级指标一行",
    ("department", "row"),
    department=_text("部门"),
    row=_count("序号", least=1),
    level1=_text("一级指标"),
    level2=_text("二级指标"),
    level3=_text("三级指标"),
    target=_text("年度指标值"),
    actual=_text("实际完成值"),
    comparison=_text("比较方式"),
    target_value=_number("目标数"),
    actual_value=_number("实际数"),
    unit=_text("单位"),
    state=_text("完成情况", among=tuple(State)),
    attainment=_number("完成比例（小数）"),
    weight=_number("核算分值", nullable=False, least=0),
    points=_number("核算得分", nullable=False, least=0),
    self_points=_number("自评得分"),
    explanation=_text("核算说明"),
    sheet=_text("工作表"),
    cell=_text("单元格"),
    criterion=_text("评分项目"),
    filed_weight=_number("填写的分值"),
    target_cell=_text("年度指标值的单元格"),
    actual_cell=_text("实际完成值的单元格"),
    source_file=_text("文件"),
    reviewed=_number("复核后得分", least=0),
    review=_text("复核意见"),
)
FINDINGS = _table(
    "审核意见",
    "每个部门违反的每条规则、每个单元格一行",
    ("department", "rule", "sheet", "cell", "field", "source_file", "label"),
    department=_text("部门"),
    rule=_text("规则"),
    severity=_text("轻重", among=tuple(Severity)),
    sheet=_text("工作表"),
    cell=_text("单元格"),
    field=_text("项目"),
    stated=_text("填写"),
    expected=_text("应为或对照"),
    message=_text("问题"),
    remedy=_text("怎样改"),
    source_file=_text("文件"),
    standing=_text("是否计数", among=tuple(Standing)),
    waiver=_text("不计的原因和决定人"),
    label=_text("项目名称"),
    follows_from=_text("由哪一处产生"),
)
MEASURES = _table(
    "部门测算",
    "每个部门的每项测算一行；不能计算的是空白，并写明原因",
    ("department", "measure"),
    department=_text("部门"),
    measure=_text("测算"),
    label=_text("测算名称"),
    numerator=_number("分子"),
    denominator=_number("分母"),
    value=_number("结果（小数，或每人万元）"),
    reason=_text("不能计算的原因"),
)
COUNTY = _table(
    "全县测算",
    "每项测算一行：合计之比，以及各部门的平均数和中位数",
    ("measure",),
    measure=_text("测算"),
    label=_text("测算名称"),
    numerator=_number("分子合计"),
    denominator=_number("分母合计"),
    value=_number("合计之比"),
    mean=_number("各部门平均数"),
    median=_number("各部门中位数"),
    departments=_count("能计算的部门数"),
    reason=_text("不能计算的原因"),
)
REFERENCE = _table(
    "参考得分",
    "每个部门的每项参考计分一行；不计入100分",
    ("department", "measure"),
    department=_text("部门"),
    measure=_text("测算"),
    label=_text("项目名称"),
    value=_number("结果（小数）"),
    weight=_number("参考分值", nullable=False, least=0),
    points=_number("参考得分", least=0),
    reason=_text("不能计算的原因"),
    source=_text("依据"),
)
ALARMS = _table(
    "预警",
    "每个部门一行：最重的预警及其原因，或不能判断的原因",
    ("department",),
    department=_text("部门"),
    alarm=_text("预警", among=tuple(Alarm)),
    reason=_text("原因"),
)
CHANGES = _table(
    "重报的改动",
    "被替代的报表与计入的报表之间每处不同一行",
    ("earlier_file", "later_file", "label"),
    department=_text("部门"),
    label=_text("项目名称"),
    before=_text("原来填写"),
    after=_text("后来填写"),
    sheet=_text("工作表"),
    cell=_text("单元格"),
    earlier_file=_text("被替代的文件"),
    later_file=_text("计入的文件"),
)
SCORES = _table(
    "得分",
    "每个部门的每个评分项目一行，另有合计一行",
    ("department", "criterion"),
    department=_text("部门"),
    criterion=_text("评分项目"),
    weight=_number("分值", nullable=False, least=0),
    points=_number("核算得分", nullable=False, least=0),
    self_points=_number("自评得分"),
    difference=_number("核算减自评"),
    unreported_weight=_number("未填报分值", nullable=False, least=0),
    unjudged_weight=_number("待定分值", nullable=False, least=0),
    reviewed_points=_number("复核后得分", least=0),
    open_weight=_number("仍待定的分值", nullable=False, least=0),
    review=_text("复核意见"),
)
REVIEWS = _table(
    "复核意见",
    "每件待决定的事一行，每条已填的决定一行",
    (),
    **{name: _text(title) for name, title in REVIEWED.items()},
    effect=_text("效果", among=tuple(Effect)),
)
SUMMARY = _table(
    "部门汇总",
    "每个部门一行",
    ("department",),
    department=_text("部门"),
    status=_text("状态", among=tuple(Status)),
    points=_number("核算得分"),
    grade=_text("等级"),
    provisional=pa.Column(bool, title="是否暂定"),
    self_points=_number("自评得分"),
    self_grade=_text("自评对应等级"),
    difference=_number("核算减自评"),
    rank=pa.Column(INTEGER_OR_BLANK, nullable=True, title="名次"),
    errors=_count("错误"),
    warnings=_count("提醒"),
    waived=_count("不计"),
    reviewed_points=_number("复核后得分"),
    reviewed_grade=_text("复核后等级"),
    timeliness=_text("首次报送是否按时"),
    deadline=_text("截止日期"),
)
TABLES: dict[str, pa.DataFrameSchema] = {
    "submissions": SUBMISSIONS,
    "facts": FACTS,
    "indicators": INDICATORS,
    "findings": FINDINGS,
    "measures": MEASURES,
    "scores": SCORES,
    "summary": SUMMARY,
    "changes": CHANGES,
    "reviews": REVIEWS,
    "reference": REFERENCE,
    "alarms": ALARMS,
    "county": COUNTY,
}
"""The tables that a run writes for a county, by the name of the file."""
COLUMNS: dict[str, list[str]] = {name: list(table.columns) for name, table in TABLES.items()}
"""The columns of each, in the order in which they are written."""

RULE_COUNTS = _table(
    "规则汇总",
    "每条规则一行：不符、通过、不适用的部门数",
    ("rule",),
    rule=_text("规则"),
    title=_text("规则名称"),
    severity=_text("轻重", among=tuple(Severity)),
    departments=_count("不符的部门数"),
    passed=_count("通过的部门数"),
    not_applicable=_count("不适用的部门数"),
    share=_number("不符占适用部门的比例（小数）", least=0),
    places=_count("处数"),
    waived=_count("其中不计"),
    trial=_count("其中试行"),
)
"""How each rule came out in a county; shown in its workbook and not written as data."""

COUNTIES = _table(
    "各县汇总",
    "每个县一行；没有能评价的，写明原因",
    ("county",),
    county=_text("县"),
    files=_number("文件数", least=0),
    evaluated=_number("已评价的部门数", least=0),
    missing=_number("未报送的部门数", least=0),
    rejected=_number("未读取的文件数", least=0),
    mean_points=_number("平均得分"),
    median_points=_number("得分中位数"),
    mean_self_points=_number("自评平均得分"),
    provisional=_number("等级暂定的部门数", least=0),
    errors=_number("错误", least=0),
    warnings=_number("提醒", least=0),
    reason=_text("原因"),
)
GRADES = _table(
    "各县等级",
    "每个县的每个等级一行",
    ("county", "grade"),
    county=_text("县"),
    grade=_text("等级"),
    departments=_count("部门数"),
)
RATES = _table(
    "各县测算",
    "每个县的每项测算一行，另有各县合计",
    ("county", "measure"),
    county=_text("县"),
    **COUNTY.columns,
)
ABOVE_COUNTIES: dict[str, pa.DataFrameSchema] = {"counties": COUNTIES, "grades": GRADES, "rates": RATES}
"""The tables that a run over several counties writes above them, by the name of the file."""
