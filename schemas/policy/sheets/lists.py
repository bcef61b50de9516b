"""Declare the lists of a policy, each on a sheet of its own."""

from __future__ import annotations

from schemas.enums import Severity
from schemas.measures import MEASURES
from schemas.policy.mistakes import CRITERIA
from schemas.policy.sheets.entries import SOURCE
from schemas.policy.sheets.model import Column, Kind, List

CURVES = {"linear": "按比例扣分", "whole_steps": "满一档扣分", "table": "按分档得分"}
DIRECTIONS = {"above": "高于", "below": "低于", "either": "两边"}
SEVERITIES = {each.value: each.label for each in Severity}
_MEASURES = {each.name: each.label for each in MEASURES}
DEDUCTED = {"linear": "per_point", "whole_steps": "per_step"}
"""Kind of a curve → the key of what is deducted."""

LISTS: tuple[List, ...] = (
    List(
        "criteria",
        "分值",
        "满分100分，四个部分各写一行，分值合计应为100。财预〔2020〕10号：预算执行率10%、产出指标50%、效益指标30%、"
        "服务对象满意度指标10%。",
        (
            Column("name", "部分", choices=CRITERIA),
            Column("label", "表上的名称"),
            Column("weight", "分值（分）", Kind.NUMBER),
            Column("source", SOURCE, width=60),
        ),
        by=("name",),
    ),
    List(
        "grades",
        "等级",
        "从高到低一行一级，达到“起点”即为该等级，最低一级从0分起，行数可以增减。财预〔2020〕10号：90（含）—100分为优、"
        "80（含）—90分为良、60（含）—80分为中、60分以下为差。",
        (Column("word", "等级"), Column("from", "起点（分）", Kind.NUMBER), Column("source", SOURCE, width=60)),
        by=("word",),
        room=4,
    ),
    List(
        "reference",
        "参考分",
        "有的地方对部门指标的给分办法，只列在旁边，不计入100分。“按比例扣分”：在“界线”以外每1个百分点扣几分，不足的按比例扣；"
        "“满一档扣分”：偏离“界线”每满一个“档宽”扣几分，不满的不扣；“按分档得分”：分档写在“参考分分档”一页，其余各栏空着。",
        (
            Column("measure", "部门指标", choices=_MEASURES, width=24),
            Column("label", "名称", width=24),
            Column("weight", "满分（分）", Kind.NUMBER, width=11),
            Column("kind", "给分办法", choices=CURVES),
            Column("direction", "哪一边扣分", choices=DIRECTIONS, width=11),
            Column("limit", "界线（比例）", Kind.SHARE, width=13),
            Column("step", "档宽（比例）", Kind.SHARE, width=13),
            Column("deducted", "每点或每档扣（分）", Kind.NUMBER, width=19),
            Column("source", SOURCE, width=60),
        ),
        by=("measure",),
        room=6,
    ),
    List(
        "bands",
        "参考分分档",
        "“按分档得分”的指标在这里写各档：数值不论正负，不超过“不超过”的得“得分”，从小到大，超过最后一档的不得分。",
        (
            Column("measure", "部门指标", choices=_MEASURES, width=50),
            Column("upto", "不超过（比例）", Kind.SHARE),
            Column("points", "得分（分）", Kind.NUMBER),
        ),
        by=("measure", "upto"),
        room=8,
    ),
    List(
        "severities",
        "规则轻重",
        "要改变某条规则的轻重时写一行：规则的名称见“规则”一页，改为 错误、提醒 或 提示，并写明理由。不改的不用写。",
        (
            Column("rule", "规则", width=34),
            Column("severity", "改为", choices=SEVERITIES),
            Column("reason", "理由", width=60),
        ),
        by=("rule",),
        room=10,
    ),
)
"""Every list, in the order of their sheets."""
LIST = {each.name: each for each in LISTS}
