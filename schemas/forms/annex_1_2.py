"""附件1-2 部门整体支出绩效自评表, declared once.

Source: the annex as the county's departments filed it for 2021 (circular: `schemas/policies/2021.toml`), blocks and
notes after 财预〔2020〕10号.
"""

from types import MappingProxyType

from schemas.forms.model import (
    Aspect,
    Block,
    Column,
    Field,
    Form,
    Grid,
    Head,
    Heads,
    Indicators,
    Kind,
    Line,
    Note,
    Pair,
    Pairs,
    PointsTotal,
    Prompt,
    Ratio,
    Row,
    Strip,
    Sum,
    YearLine,
)
from schemas.forms.other_names import other_names

_INCOME = (
    "income_general",
    "income_fund",
    "income_nontax",
    "income_carryover",
    "income_other",
)


_IN_BUDGET, _IN_EXECUTED = ("budget",), ("executed",)
"""Where a form has several columns of funds, income is what stands below 全年预算数, spending below 全年执行数."""


def _amount(name: str, label: str, derived: Sum | None = None) -> Field:
    return Field(name, label, Kind.AMOUNT, derived)


ANNEX_1_2 = Form(
    id="annex_1_2",
    version="2021",
    annex="附件1-2",
    title="部门整体支出绩效自评表",
    sheet="附件1-2 自评表",
    widths=(6, 10, 14, 30, 22, 20, 9, 9),
    sections=(
        YearLine(Field("fiscal_year", "年度", Kind.YEAR)),
        Line(
            (
                Prompt("填报单位（盖章）", Field("department_1_2", "填报单位（附件1-2）", Kind.OFFICE)),
                Prompt("填报时间", Field("reported_on_1_2", "填报时间（附件1-2）", Kind.DATE)),
            ),
            spans=(2, 2, 1, 3),
        ),
        Strip(
            "部门资金（万元）",
            (
                Grid(
                    corner="",
                    columns=(
                        Column("budget", "全年预算数", Kind.AMOUNT),
                        Column("executed", "全年执行数", Kind.AMOUNT),
                        Column("rate_stated", "预算执行率", Kind.RATE),
                        Column("weight", "分值", Kind.POINTS),
                        Column("points", "得分", Kind.POINTS),
                    ),
                    rows=(Row("funds", "年度资金总额", "年度资金总额"),),
                    spans=(2, 1, 1, 1, 1, 1),
                    optional=(Column("initial_budget", "年初预算数", Kind.AMOUNT),),
                    derived=MappingProxyType(
                        {
                            "funds_budget": Sum(_INCOME),
                            "funds_executed": Sum(("spending_basic", "spending_project")),
                            "funds_rate_stated": Ratio("funds_executed", "funds_budget"),
                        }
                    ),
                ),
                Pairs(
                    (
                        (Pair("按收入性质分类"), Pair("按支出性质分类")),
                        (
                            Pair("一般公共预算拨款", (_amount("income_general", "一般公共预算拨款"),), _IN_BUDGET),
                            Pair(
                                "基本支出",
                                (
                                    _amount(
                                        "spending_basic",
                                        "基本支出",
                                        Sum(("spending_personnel", "spending_operating")),
                                    ),
                                ),
                                _IN_EXECUTED,
                            ),
                        ),
                        (
                            Pair("政府性基金拨款", (_amount("income_fund", "政府性基金拨款"),), _IN_BUDGET),
                            Pair("     1.人员经费", (_amount("spending_personnel", "人员经费"),), _IN_EXECUTED),
                        ),
                        (
                            Pair(
                                "纳入管理的非税收入拨款",
                                (_amount("income_nontax", "纳入管理的非税收入拨款"),),
                                _IN_BUDGET,
                            ),
                            Pair("     2.公用经费", (_amount("spending_operating", "公用经费"),), _IN_EXECUTED),
                        ),
                        (
                            Pair("年初结转结余", (_amount("income_carryover", "年初结转结余"),), _IN_BUDGET),
                            Pair("其中：三公经费", (_amount("spending_three_public", "其中：三公经费"),), _IN_EXECUTED),
                        ),
                        (
                            Pair("其他收入", (_amount("income_other", "其他收入"),), _IN_BUDGET),
                            Pair("项目支出", (_amount("spending_project", "项目支出"),), _IN_EXECUTED),
                        ),
                    ),
                    spans=(2, 1, 2, 2),
                    optional=(
                        Pair(
                            "当年财政拨款",
                            (
                                _amount("income_fiscal", "当年财政拨款"),
                                _amount("spending_fiscal", "当年财政拨款执行数"),
                            ),
                            (*_IN_BUDGET, *_IN_EXECUTED),
                        ),
                    ),
                ),
            ),
        ),
        Strip(
            "年度总体目标",
            (
                Heads(
                    (
                        Head("年初预期（设定）目标", Field("goal_planned", "年初预期（设定）目标", Kind.TEXT)),
                        Head("全年实际完成情况", Field("goal_achieved", "全年实际完成情况", Kind.TEXT)),
                    ),
                    spans=(3, 4),
                    tall=True,
                ),
            ),
        ),
        Strip(
            "绩效指标",
            (
                Indicators(
                    columns=(
                        Column("level1", "一级指标", Kind.TEXT),
                        Column("level2", "二级指标", Kind.TEXT),
                        Column("level3", "三级指标", Kind.TEXT),
                        Column("target", "年度指标值", Kind.TEXT),
                        Column("actual", "实际完成值", Kind.TEXT),
                        Column("weight", "分值", Kind.POINTS),
                        Column("self_points", "得分", Kind.POINTS),
                    ),
                    blocks=(
                        Block(
                            "output",
                            "产出指标",
                            (
                                Aspect("quantity", "数量指标", 4),
                                Aspect("quality", "质量指标"),
                                Aspect("timeliness", "时效指标"),
                                Aspect("cost", "成本指标"),
                            ),
                            every=True,
                        ),
                        Block(
                            "benefit",
                            "效益指标",
                            (
                                Aspect("economic", "经济效益指标"),
                                Aspect("social", "社会效益指标"),
                                Aspect("ecological", "生态效益指标"),
                                Aspect("sustained", "可持续影响指标"),
                            ),
                        ),
                        Block(
                            "satisfaction",
                            "满意度指标",
                            (Aspect("satisfaction", "社会公众或服务对象满意度指标"),),
                        ),
                    ),
                    spans=(1, 1, 1, 1, 1, 1, 1),
                    optional=(
                        Column("sign", "指标性质", Kind.TEXT),
                        Column("value", "指标值", Kind.TEXT),
                        Column("unit", "度量单位", Kind.TEXT),
                        Column("reason", "偏差原因分析及改进措施", Kind.TEXT),
                        Column("remedy", "改进措施", Kind.TEXT),
                    ),
                ),
            ),
        ),
        Pairs(
            (
                (
                    Pair("综合评定等级", (Field("grade_stated", "综合评定等级", Kind.GRADE),)),
                    Pair(
                        "总  分",
                        (
                            Field(
                                "total_weight",
                                "总分·分值",
                                Kind.POINTS,
                                PointsTotal("weight", ("funds_weight",)),
                            ),
                            Field(
                                "total_points",
                                "总分·得分",
                                Kind.POINTS,
                                PointsTotal("self_points", ("funds_points",)),
                            ),
                        ),
                        under=("weight", "self_points"),
                    ),
                ),
            ),
            spans=(2, 2, 2, 1, 1),
        ),
        Strip(
            "说明",
            (
                Heads(
                    (
                        Head("偏差及原因分析", Field("deviation_reasons", "偏差及原因分析", Kind.TEXT)),
                        Head("改进措施", Field("remedies", "改进措施", Kind.TEXT)),
                    ),
                    spans=(3, 4),
                    tall=True,
                    unless="reason",
                ),
            ),
        ),
        Line(
            (
                Prompt("填表人", Field("filled_by", "填表人", Kind.NAME)),
                Prompt("联系电话", Field("telephone", "联系电话", Kind.NAME)),
                Prompt("单位负责人签字", Field("signed_by", "单位负责人签字", Kind.NAME)),
            ),
            spans=(2, 1, 1, 1, 1, 2),
        ),
        Note(
            "说明：1.分值设定{total}分，其中{weights}。除预算执行率外的指标应根据权重自行合理设定分值。\n"
            "      2.综合评价等级分为{grades}。\n"
            "      3.三级绩效指标按需自行增减行。个别不涉及的二级指标可删除不要。"
        ),
    ),
    also=other_names("annex_1_2", "2021"),
)
