"""附件1-1 部门整体支出绩效评价基础数据表, declared once.

Source: the annex as the county's departments filed it for 2021 (its circular is named in `schemas/policies/2021.toml`).
"""

from schemas.forms.model import (
    Column,
    Field,
    Form,
    Grid,
    Head,
    Heads,
    Kind,
    Line,
    Note,
    Pair,
    Pairs,
    Prompt,
    Ratio,
    Row,
    Strip,
)
from schemas.forms.other_names import other_names

ANNEX_1_1 = Form(
    id="annex_1_1",
    version="2021",
    annex="附件1-1",
    title="部门整体支出绩效评价基础数据表",
    sheet="附件1-1 基础数据表",
    widths=(34, 18, 18, 18),
    sections=(
        Line(
            (
                Prompt("填报单位", Field("department_1_1", "填报单位（附件1-1）", Kind.OFFICE)),
                Prompt("填报时间", Field("reported_on_1_1", "填报时间（附件1-1）", Kind.DATE)),
            ),
            spans=(1, 1, 1, 1),
        ),
        Strip(
            "财政供养人员情况",
            (
                Heads(
                    (
                        Head("编制数", Field("authorised_posts", "编制数", Kind.COUNT)),
                        Head(
                            "年末实际在职人数",
                            Field("staff_in_post", "年末实际在职人数", Kind.COUNT),
                            ("实际在职人数", 0),
                        ),
                        Head(
                            "控制率",
                            Field(
                                "staffing_control_rate_stated",
                                "控制率",
                                Kind.RATE,
                                Ratio("staff_in_post", "authorised_posts"),
                            ),
                        ),
                    ),
                    spans=(1, 1, 1),
                ),
            ),
        ),
        Grid(
            corner="经费控制情况（万元）",
            columns=(
                Column("outturn", "当年决算数", Kind.AMOUNT, ("决算数", 0)),
                Column("budget", "当年预算数", Kind.AMOUNT, ("预算数", 0)),
                Column("prior_outturn", "上年决算数", Kind.AMOUNT, ("决算数", -1)),
            ),
            rows=(
                Row("basic", "一、部门基本支出", "部门基本支出"),
                Row("general_cut", "    其中：1、压缩一般性支出", "压缩一般性支出"),
                Row("three_public", "          2、三公经费", "三公经费", ("vehicles", "reception", "overseas")),
                Row(
                    "vehicles",
                    "    公务用车购置和维护经费",
                    "公务用车购置和维护经费",
                    ("vehicle_purchase", "vehicle_running"),
                ),
                Row("vehicle_purchase", "       其中：公车购置", "公车购置"),
                Row("vehicle_running", "             公车运行维护", "公车运行维护"),
                Row("reception", "    公务接待", "公务接待"),
                Row("overseas", "    出国（境）经费", "出国（境）经费"),
                Row("project", "二、部门项目支出", "部门项目支出"),
                Row("project_operations", "  1、业务工作专项", "业务工作专项"),
                Row("project_maintenance", "  2、运行维护专项", "运行维护专项"),
                Row("project_county", "  3、县级专项资金", "县级专项资金"),
                Row("procurement", "  4、政府采购金额", "政府采购金额"),
            ),
            spans=(1, 1, 1, 1),
        ),
        Pairs(
            (
                (
                    Pair(
                        "厉行节约保障措施",
                        (Field("economy_measures", "厉行节约保障措施", Kind.TEXT),),
                    ),
                ),
            ),
            spans=(1, 3),
            tall=True,
        ),
        Note(
            "说明：“公用经费”填报基本支出中的一般商品和服务支出；“项目支出”需要填报基本支出以外的所有项目支出情况，"
            "包括业务工作项目、运行维护项目和县级专项资金等。"
        ),
    ),
    also=other_names("annex_1_1", "2021"),
)
