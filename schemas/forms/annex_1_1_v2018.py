"""Declare 附件1-1 as it was before: the 基础数据表 that Hunan's departments filed around 2018.

Its amounts run 上年决算, 当年预算, 当年决算 and are headed with years; it has operating expenses by kind, changes of
the budget and buildings, and no 基本支出. What it shares with the later form has the same field names.
Source: departments' public filings of 2018 and 2019 (method 10).
"""

from dataclasses import replace

from schemas.forms.annex_1_1 import ANNEX_1_1
from schemas.forms.model import Field, Grid, Head, Heads, Kind, Line, Note, Pairs, Row, Strip
from schemas.forms.other_names import other_names

_LINE = next(section for section in ANNEX_1_1.sections if isinstance(section, Line))
_STAFF = next(section for section in ANNEX_1_1.sections if isinstance(section, Strip))
_FUNDS = next(section for section in ANNEX_1_1.sections if isinstance(section, Grid))
# By name: what is added to the form of today was not in this one.
_HEADS = {head.field.name: head for inner in _STAFF.sections if isinstance(inner, Heads) for head in inner.heads}
_COLUMNS = {column.name: column for column in _FUNDS.columns}
_MEASURES = next(section for section in ANNEX_1_1.sections if isinstance(section, Pairs))
_COLUMNS = {column.name: column for column in _FUNDS.columns}

_ROWS = (
    Row("three_public", "三公经费", "三公经费", ("vehicles", "overseas", "reception")),
    Row("vehicles", "  1、公务用车购置和维护经费", "公务用车购置和维护经费", ("vehicle_purchase", "vehicle_running")),
    Row("vehicle_purchase", "    其中：公车购置", "公车购置"),
    Row("vehicle_running", "          公车运行维护", "公车运行维护"),
    Row("overseas", "  2、出国经费", "出国（境）经费"),
    Row("reception", "  3、公务接待", "公务接待"),
    Row("project", "项目支出", "部门项目支出"),
    Row("project_operations", "  1、业务工作专项", "业务工作专项"),
    Row("project_maintenance", "  2、运行维护专项", "运行维护专项"),
    Row("project_county", "  3、县级专项资金", "县级专项资金"),
    Row("operating", "公用经费", "公用经费"),
    Row("office", "  其中：办公经费", "办公经费"),
    Row("utilities_travel", "        水费、电费、差旅费", "水费、电费、差旅费"),
    Row("meetings_training", "        会议费、培训费", "会议费、培训费"),
    Row("procurement", "政府采购金额", "政府采购金额"),
    Row("budget_adjustment", "部门整体支出预算调整", "部门整体支出预算调整"),
)
_BUILDINGS = (
    ("building_approved_area", "批复规模（㎡）"),
    ("building_area", "实际规模（㎡）"),
    ("building_area_rate", "规模控制率"),
    ("building_budget", "预算投资（万元）"),
    ("building_outturn", "实际投资（万元）"),
    ("building_cost_rate", "投资概算控制率"),
)

ANNEX_1_1_EARLIER = replace(
    ANNEX_1_1,
    version="2018",
    widths=(34, 14, 14, 14, 14, 14, 14),
    sections=(
        replace(_LINE, spans=(1, 2, 1, 3)),
        Strip(
            _STAFF.words,
            (
                Heads(
                    tuple(
                        _HEADS[name] for name in ("authorised_posts", "staff_in_post", "staffing_control_rate_stated")
                    ),
                    spans=(2, 2, 2),
                ),
            ),
        ),
        replace(
            _FUNDS,
            columns=tuple(_COLUMNS[name] for name in ("prior_outturn", "budget", "outturn")),
            rows=_ROWS,
            spans=(1, 2, 2, 2),
        ),
        Strip(
            "楼堂馆所控制情况",
            (
                Heads(
                    tuple(Head(words, Field(name, f"楼堂馆所·{words}", Kind.TEXT)) for name, words in _BUILDINGS),
                    spans=(1, 1, 1, 1, 1, 1),
                ),
            ),
        ),
        replace(_MEASURES, spans=(1, 6)),
        Note("说明：“项目支出”需要填报基本支出以外的所有项目支出情况，“公用经费”填报基本支出中的一般商品和服务支出。"),
    ),
    also=other_names("annex_1_1", "2018"),
)
