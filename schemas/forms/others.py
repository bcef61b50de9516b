"""Forms that departments hand in beside the annexes and that share their words: how each is recognised.

A title beats any likeness of labels: a sheet with one of these titles is never read as an annex.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherForm:
    """A form that is none of the annexes.

    Attributes:
        name: what it is called in messages.
        titles: each a group of words; a title that holds all words of a group is one of this form.
        never: words that no title of this form holds.
        labels: groups of labels; a sheet without any title that has one of each group is this form.
    """

    name: str
    titles: tuple[tuple[str, ...], ...]
    never: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()

    def is_titled(self, title: str) -> bool:
        """Tell whether a title, normalised, is one of this form."""
        held = any(all(word in title for word in group) for group in self.titles)
        return held and not any(word in title for word in self.never)


OTHER_FORMS = (
    OtherForm("转移支付区域绩效自评表", (("转移支付", "自评"),)),
    OtherForm("绩效目标申报表", (("绩效目标", "申报"),)),
    OtherForm("绩效运行监控表", (("绩效", "监控"),)),
    OtherForm("部门预算绩效目标表", (("绩效目标表",), ("绩效目标", "批复"), ("绩效目标", "公开"))),
    OtherForm(
        "项目支出绩效自评表",
        (("项目", "自评"), ("专项", "自评"), ("项目", "绩效评价")),
        never=("整体",),
        labels=(("项目名称",), ("主管部门", "实施单位", "项目单位", "项目实施单位")),
    ),
)
"""The more special ones first: the first whose words a title holds is the form."""
