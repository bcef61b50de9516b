"""A policy as people see it: every entry with its words, its unit and what it means, on the sheets of 评分办法.xlsx.

Declared once for the workbook, for its reader and for the comparison of two policies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from schemas.enums import Severity
from schemas.measures import MEASURES
from schemas.policy.mistakes import CRITERIA, Place

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What an entry is: how it is shown, and what may be typed."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"
    """A fraction, shown in percent."""
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry on a line of its own: where it is in the policy, its words, its unit, where its source is."""

    at: Place
    words: str
    kind: Kind
    unit: str
    told: str
    source: Place = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: the key of its entry, its words, and what they are called that may be chosen."""

    key: str
    words: str
    kind: Kind = Kind.TEXT
    choices: Mapping[str, str] = field(default_factory=dict)
    width: float = 16


@dataclass(frozen=True, slots=True)
class List:
    """A list on a sheet of its own, one entry a line; ``told`` stands above it, ``room`` are its blank lines.

    ``by`` are the keys that name an entry.
    """

    name: str
    title: str
    told: str
    columns: tuple[Column, ...]
    by: tuple[str, ...]
    room: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: where they are in the policy, what they are called, what they do, where their source is."""

    at: Place
    title: str
    told: str
    source: Place = ()


VALUES, WORDS, TERMS = "数值", "用语", "规则"
"""Sheets: single entries, lists of words, and the rules that there are."""
ITEM_HEADS = ("项目", "填写", "单位", "依据", "说明")
"""Heads of the sheet of single entries."""
TOLD, SOURCE = "说明", "依据"
"""What stands before the explanations and the sources of the lists of words, and above every column of sources."""


def _with_source(part: str, key: str, words: str, kind: Kind, unit: str, told: str) -> Item:
    return Item((part, key), words, kind, unit, told, (part, f"{key}_source"))


_BANDS = {"missed": "未达成", "partly": "部分达成", "achieved": "达成"}

ITEMS: tuple[Item, ...] = (
    Item(("since",), "起始年度", Kind.WHOLE, "年度", "从这一年度起适用，直到有更晚的评分办法。只填四位数的年份。"),
    Item(("circular",), "文号", Kind.TEXT, "", "布置评价工作的通知，例如某财绩〔2022〕1号；通报按此引用。"),
    Item(("issuer", "county"), "县名", Kind.TEXT, "", "可以空着；空着的在通报里手填。"),
    Item(("issuer", "seal"), "落款", Kind.TEXT, "", "通报末尾的印发单位；可以空着。"),
    Item(("issuer", "contact"), "联系人", Kind.TEXT, "", "通报末尾的联系人；可以空着。"),
    Item(("issuer", "telephone"), "联系电话", Kind.TEXT, "", "可以空着。"),
    *(
        Item(("qualitative", band, end), f"定性“{words}”：{called}", Kind.SHARE, "占分值的比例", told)
        for band, words in _BANDS.items()
        for end, called, told in (
            ("low", "下限", "定性指标归入这一档的，得分最低占该行分值的比例。"),
            ("high", "上限", "定性指标归入这一档的，得分最高占该行分值的比例。"),
        )
    ),
    _with_source("tolerance", "amount", "容差：金额", Kind.NUMBER, "万元", "每个数按0.01万元取整可差半个单位，几个数即几倍。"),
    _with_source("tolerance", "rate", "容差：比率", Kind.SHARE, "比例", "95.24%写成95%不算错。"),
    _with_source("tolerance", "points", "容差：得分", Kind.NUMBER, "分", "得分按0.01分取整，可差半个单位。"),
    _with_source("alerts", "far_above_target", "提醒：远超目标", Kind.SHARE, "完成率", "达到目标的几倍起须说明目标是否偏低。"),
    _with_source("alerts", "self_difference", "提醒：自评与核算相差", Kind.NUMBER, "分", "相差这么多分起提醒。"),
    _with_source("alerts", "outturn_off_budget", "提醒：决算与预算相差", Kind.SHARE, "比例", "相差这么多起提醒。"),
    Item(
        ("alerts", "yuan_for_wan", 0), "提醒：可能按元填写，从", Kind.NUMBER, "倍",
        "同一行内是其他数的这么多倍起，提示可能按元填写。", ("alerts", "yuan_for_wan_source"),
    ),
    Item(("alerts", "yuan_for_wan", 1), "提醒：可能按元填写，到", Kind.NUMBER, "倍", "依据写在上一行。"),
    _with_source("alerts", "low_execution", "提醒：预算执行率低于", Kind.SHARE, "比例", "低于这个比例须说明原因。"),
    _with_source("alerts", "budget_changed", "提醒：预算调整", Kind.SHARE, "比例", "全年预算数与年初预算数相差这么多起须说明。"),
    _with_source("alerts", "county_least", "与全县比较：至少", Kind.WHOLE, "个部门", "部门少于这个数时不作比较；不小于3。"),
    _with_source("alerts", "county_deviation", "与全县比较：离群界线", Kind.NUMBER, "倍", "偏离中位数几倍标准差起提示。"),
    _with_source("alarms", "red_lag", "预警：红色", Kind.SHARE, "比例", "（指标得分率−预算执行率）÷指标得分率，超过的。不计入100分。"),
    _with_source("alarms", "yellow_unspent", "预警：黄色", Kind.SHARE, "比例", "未使用的预算占全年预算数，超过的。不计入100分。"),
)  # fmt: skip
"""Every single entry, in the order in which they stand."""

WORD_LISTS: tuple[Words, ...] = (
    Words(("qualitative", "set_aside"), "先去掉的词", "比对前先去掉：其中的“未”“不”不是否定", ("qualitative", "source")),
    Words(("qualitative", "missed", "words"), "未达成", "写有这些词的归入“未达成”，优先于其他各档"),
    Words(("qualitative", "partly", "words"), "部分达成", "写有这些词的归入“部分达成”"),
    Words(("qualitative", "achieved", "words"), "达成", "写有这些词的归入“达成”"),
    Words(
        ("qualitative", "affirmed", "words"), "算作完成", "目标是数量、实际只写这些词的，按完成计",
        ("qualitative", "affirmed", "source"),
    ),
    Words(
        ("at_most_whole", "words"), "不会超过100%", "名称带这些词的比率，不会超过100%", ("at_most_whole", "source")
    ),
    Words(
        ("less_is_better", "words"), "越少越好", "名称以这些词结尾的指标，目标没有写“不超过”的按不超过计",
        ("less_is_better", "source"),
    ),
    Words(("inputs", "words"), "属于投入", "产出指标名称带这些词的，是投入不是产出", ("inputs", "source")),
)  # fmt: skip
"""Every list of words, in the order of their columns."""

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
            Column("measure", "部门指标", choices=_MEASURES, width=24),
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


def spread(table: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Give the entries of every list of a policy's table: the curves of reference points beside their measure."""
    found = {each.name: [dict(entry) for entry in table.get(each.name, ())] for each in LISTS}
    for entry in found["reference"]:
        curve = dict(entry.pop("curve"))
        found["bands"] += [{"measure": entry["measure"], **band} for band in curve.pop("bands", ())]
        deducted = curve.pop(DEDUCTED.get(curve["kind"], ""), None)
        entry |= curve | ({} if deducted is None else {"deducted": deducted})
    return found


def value_at(table: Any, at: Place) -> Any:
    """Give the entry at a place of a policy's table."""
    for key in at:
        table = table[key]
    return table
