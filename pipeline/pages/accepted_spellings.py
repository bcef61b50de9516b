"""The page that says what is accepted, made from the declarations and the very functions that read.

``python -m pipeline.accepted`` writes it; a test holds the page in docs/ to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.intake.inbox import IGNORED_ENDS, IGNORED_NAMES, PLAIN_WORDS
from pipeline.reading.parse_cell import clean, shown
from schemas.forms import INDICATORS, VERSIONS
from schemas.forms.model import Column, Head, Kind
from schemas.text.normalise import normalise_label
from schemas.text.targets import Comparison, Sort, parse, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas.forms.model import Form

PAGE = Path(__file__).parent.parent.parent / "docs" / "accepted.zh-CN.md"

_NUMBERS: dict[Kind, tuple[str, str]] = {
    Kind.AMOUNT: (
        "金额（万元）",
        "1055.37|１．３６|4.92　|1,055.37|2.85万元|28500元|0.5亿元|￥3|（1.2）|7.50.|/|—|无|2,85|约3|十二|见附表",
    ),
    Kind.COUNT: ("人数", "42|42　|42人|40.5|四十二"),
    Kind.RATE: ("比率", "95%|９５％|0.95|95|正常"),
    Kind.POINTS: ("分值、得分", "10|10分|9.5|十分"),
}
"""Spellings that the page shows, parted by ``|``."""
_TARGETS = (
    "不低于37家|≥50个|至少8次|达到100%|20家以上|大于5|≤90万元|不超过3天|控制在90万元以内|低于5%|=12期|3-5次|3至5次|"
    "4亿元|两百人|百分之九十五|2.2%|5‰|1,200|2021年内|2022年12月底前|及时|效果明显|严格执行相关制度规定|/|……|约30家|下降10%"
)
_SORTS = {
    Sort.MEASURE: "数量",
    Sort.DEADLINE: "时限",
    Sort.WORDS: "文字",
    Sort.PLACEHOLDER: "没有填写",
    Sort.BLANK: "没有填写",
}
_COMPARISONS = {
    Comparison.AT_LEAST: "不低于",
    Comparison.MORE_THAN: "高于",
    Comparison.AT_MOST: "不高于",
    Comparison.LESS_THAN: "低于",
    Comparison.EQUAL: "等于",
    Comparison.BETWEEN: "在其间",
    Comparison.NONE: "没有比较词",
}


def make_page() -> str:
    """Write the whole page."""
    parts = [
        _head(),
        _files(),
        *(_form(form) for annex in VERSIONS for form in annex),
        _indicators(),
        _numbers(),
        _targets(),
    ]
    return "\n".join(parts)


def _head() -> str:
    return """# 报表怎样填都读得懂

<!-- 本页由程序生成（make docs），请勿手工修改。 -->

程序按行和栏的**文字**找数，不按单元格位置。下面列出读得懂的写法；读不懂的不猜，会在审核发现中指出单元格，请填报单位改正。
"""


def _files() -> str:
    passed = "、".join(f"`{name}`" for name in (*sorted(IGNORED_NAMES), *IGNORED_ENDS, *PLAIN_WORDS, "~$…"))
    return f"""## 文件

- 一个部门一个 Excel 工作簿（.xlsx），两张附表放在同一个工作簿里；收件夹可以有下级文件夹。
- 工作表的名称、先后，表在工作表中的位置都不限；两张附表可以在同一张工作表上，一张附表也可以分在两张工作表上。
- 以下文件略过不读：{passed}。
- 其余不能读取的文件逐个列在“报送情况”中，写明原因和怎样办。
"""


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return (
        "\n".join(lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]) + "\n"
    )


def _form(form: Form) -> str:
    rows = [(words, "、".join(also)) for words, also in _words(form)]
    return f"""## {form.annex}（{form.version}年起的表）

“{form.title}”中的文字，不计空格、引号、序号（一、 1. （一） 其中：）和（万元）之类的注记。

{_table(("表上的文字", "也认得的写法"), rows)}"""


def _words(form: Form) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each word of a form under which values stand, and its other names."""
    from pipeline.reading.labels import labels  # noqa: PLC0415 - only this page needs it

    for label in labels(form):
        words = label if isinstance(label, str) else label.words
        also = list(form.names_of(words)[1:])
        if isinstance(label, (Column, Head)) and label.dated:
            suffix, offset = label.dated
            also.append(f"{'上年' if offset else '本年'}年份+“年{suffix}”")
        yield normalise_label(words), tuple(dict.fromkeys(also))


def _indicators() -> str:
    blocks = "；".join(
        f"{block.words}：{'、'.join(each.words for each in block.aspects)}" for block in INDICATORS.blocks
    )
    optional = "、".join(column.words for column in INDICATORS.optional)
    return f"""## 绩效指标的行

- 一级、二级指标：{blocks}。可以合并单元格，可以只写一次，也可以每行都写；后面可以带数字（数量指标1）。
- 三级指标的行可以增减，最多读 500 行以上；空行、只有“指标1：”“……”“X”的行不算指标。
- 分值、得分可以逐行填，可以合并几行填一个，也可以整块只填一个（会提醒）。
- 有的表多出这些栏，也读：{optional}。目标分成“指标性质、指标值、度量单位”三栏的，合起来读。
"""


def _numbers() -> str:
    rows = []
    for kind, (name, samples) in _NUMBERS.items():
        for sample in samples.split("|"):
            found = clean(sample, kind)
            told = {"value_unreadable": "不能确定，请填报单位改正", "value_cleaned": "已换算，请核对"}.get(
                found.rule, ""
            )
            value = "" if found.value is None else f"{found.value:.2%}" if kind is Kind.RATE else shown(found.value)
            rows.append((name, f"`{sample}`", value or ("没有填写" if not found.rule else "—"), told))
    return f"""## 数字

空白就是没有填写，不当作 0。

{_table(("栏目", "填写", "读作", "说明"), rows)}"""


def _targets() -> str:
    rows = []
    for sample in _TARGETS.split("|"):
        target = parse(sample)
        comparison = _COMPARISONS[target.comparison] if target.sort is Sort.MEASURE else ""
        rows.append((f"`{sample}`", _SORTS[target.sort], comparison, show(target)))
    return f"""## 年度指标值和实际完成值

没有比较词的目标按“不低于”比较；成本指标下的金额按“不高于”。
实际完成值写成 ≥90% 之类的界限，不是实际结果，不计分，请改填实际数。

{_table(("填写", "读作", "比较", "数"), rows)}"""


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
