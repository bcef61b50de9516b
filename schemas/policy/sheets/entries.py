"""Declare the single entries of a policy and its lists of words: where each is, its words, unit and meaning."""

from __future__ import annotations

from schemas.policy.sheets.model import Item, Kind, Words

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
    _with_source(
        "tolerance", "amount", "容差：金额", Kind.NUMBER, "万元", "每个数按0.01万元取整可差半个单位，几个数即几倍。"
    ),
    _with_source("tolerance", "rate", "容差：比率", Kind.SHARE, "比例", "95.24%写成95%不算错。"),
    _with_source("tolerance", "points", "容差：得分", Kind.NUMBER, "分", "得分按0.01分取整，可差半个单位。"),
    _with_source(
        "alerts", "far_above_target", "提醒：远超目标", Kind.SHARE, "完成率", "达到目标的几倍起须说明目标是否偏低。"
    ),
    _with_source("alerts", "self_difference", "提醒：自评与核算相差", Kind.NUMBER, "分", "相差这么多分起提醒。"),
    _with_source("alerts", "outturn_off_budget", "提醒：决算与预算相差", Kind.SHARE, "比例", "相差这么多起提醒。"),
    Item(
        ("alerts", "yuan_for_wan", 0),
        "提醒：可能按元填写，从",
        Kind.NUMBER,
        "倍",
        "同一行内是其他数的这么多倍起，提示可能按元填写。",
        ("alerts", "yuan_for_wan_source"),
    ),
    Item(("alerts", "yuan_for_wan", 1), "提醒：可能按元填写，到", Kind.NUMBER, "倍", "依据写在上一行。"),
    _with_source("alerts", "low_execution", "提醒：预算执行率低于", Kind.SHARE, "比例", "低于这个比例须说明原因。"),
    _with_source(
        "alerts", "budget_changed", "提醒：预算调整", Kind.SHARE, "比例", "全年预算数与年初预算数相差这么多起须说明。"
    ),
    _with_source(
        "alerts", "county_least", "与全县比较：至少", Kind.WHOLE, "个部门", "部门少于这个数时不作比较；不小于3。"
    ),
    _with_source(
        "alerts", "county_deviation", "与全县比较：离群界线", Kind.NUMBER, "倍", "偏离中位数几倍标准差起提示。"
    ),
    _with_source(
        "alarms",
        "red_lag",
        "预警：红色",
        Kind.SHARE,
        "比例",
        "（指标得分率−预算执行率）÷指标得分率，超过的。不计入100分。",
    ),
    _with_source(
        "alarms", "yellow_unspent", "预警：黄色", Kind.SHARE, "比例", "未使用的预算占全年预算数，超过的。不计入100分。"
    ),
)
"""Every single entry, in the order in which they stand."""

WORD_LISTS: tuple[Words, ...] = (
    Words(
        ("qualitative", "set_aside"), "先去掉的词", "比对前先去掉：其中的“未”“不”不是否定", ("qualitative", "source")
    ),
    Words(("qualitative", "missed", "words"), "未达成", "写有这些词的归入“未达成”，优先于其他各档"),
    Words(("qualitative", "partly", "words"), "部分达成", "写有这些词的归入“部分达成”"),
    Words(("qualitative", "achieved", "words"), "达成", "写有这些词的归入“达成”"),
    Words(("qualitative", "whole"), "只写这些词", "整格只写这个词、目标里也有它的，归入“达成”"),
    Words(
        ("qualitative", "affirmed", "words"),
        "算作完成",
        "目标是数量、实际只写这些词的，按完成计",
        ("qualitative", "affirmed", "source"),
    ),
    Words(("at_most_whole", "words"), "不会超过100%", "名称带这些词的比率，不会超过100%", ("at_most_whole", "source")),
    Words(
        ("less_is_better", "words"),
        "越少越好",
        "名称以这些词结尾的指标，目标没有写“不超过”的按不超过计",
        ("less_is_better", "source"),
    ),
    Words(
        ("cost", "words"),
        "成本指标",
        "一、二级指标叫这些的是成本指标：金额没有写比较词的按不超过计",
        ("cost", "source"),
    ),
    Words(("inputs", "words"), "属于投入", "产出指标名称带这些词的，是投入不是产出", ("inputs", "source")),
)
"""Every list of words, in the order of their columns."""
