"""Make the page of accepted spellings from the declarations of the forms and the functions that read cells.

``python -m pipeline.pages.accepted_spellings`` writes it; a test holds the page in docs/ to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.intake.inbox import IGNORED_ENDS, IGNORED_NAMES, PLAIN_WORDS
from pipeline.reading.parse_cell import as_text, clean
from schemas.forms import INDICATORS, VERSIONS
from schemas.forms.model import Column, Head, Kind
from schemas.text.model import About, Sort, show
from schemas.text.normalise import normalise_label
from schemas.text.targets import parse
from schemas.text.units import UNITS
from schemas.text.vocabulary import ABOUTS, BEHIND, LEAD, WORDS, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

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
"""Spellings that the page shows, separated by ``|``."""
_TARGETS = (
    "不低于37家|≥50个|至少8次|达到100%|20家以上|大于5|≤90万元|不超过3天|控制在90万元以内|低于5%|=12期|3-5次|3至5次|"
    "4亿元|两百人|百分之九十五|2.2%|5‰|1,200|2021年内|2022年12月底前|及时|效果明显|严格执行相关制度规定|/|……|"
    "上限50起|降至5%|以5起为限|37家高新技术企业|同比增长8%|400元/人·天|每亩300|35μg/m³|约30家|上浮5%|50起左右"
)
_SORTS = {
    Sort.MEASURE: "数量",
    Sort.DEADLINE: "时限",
    Sort.WORDS: "文字",
    Sort.PLACEHOLDER: "没有填写",
    Sort.BLANK: "没有填写",
}


def make_page() -> str:
    """Make the page as Markdown."""
    parts = [
        _head(),
        _files(),
        *(_form(form) for annex in VERSIONS for form in annex),
        _indicators(),
        _numbers(),
        _targets(),
        _words(),
        _units(),
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
    rows = [(words, "、".join(also)) for words, also in _form_words(form)]
    return f"""## {form.annex}（{form.version}年起的表）

“{form.title}”中的文字，不计空格、引号、序号（一、 1. （一） 其中：）和（万元）之类的注记。
其他写法在 `schemas/forms/{form.id}.toml`，可以增补。

{_table(("表上的文字", "也认得的写法"), rows)}"""


def _form_words(form: Form) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each label of a form and the other spellings that are recognised."""
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
            value = "" if found.value is None else f"{found.value:.2%}" if kind is Kind.RATE else as_text(found.value)
            rows.append((name, f"`{sample}`", value or ("没有填写" if not found.rule else "—"), told))
    return f"""## 数字

空白就是没有填写，不当作 0。

{_table(("栏目", "填写", "读作", "说明"), rows)}"""


def _targets() -> str:
    rows = []
    for sample in _TARGETS.split("|"):
        target = parse(sample)
        comparison = target.comparison.label if target.sort is Sort.MEASURE else ""
        unknown = f"“{target.unknown}”不能确定" if target.unknown else ""
        rows.append((f"`{sample}`", _SORTS[target.sort], comparison, show(target) or unknown))
    return f"""## 年度指标值和实际完成值

没有比较词的目标按“不低于”比较；成本指标（经济成本、社会成本、生态环境成本）下的金额按“不高于”，名称只能是越少越好的也按“不高于”。
另有“指标性质”一栏的，正向按“不低于”，反向按“不高于”。
实际完成值写成 ≥90% 之类的界限，不是实际结果，不计分，请改填实际数。

**每个字都要认得**：比较词、数、单位、数的是什么、增减、约数、名称，有一个词不在下面的表里，也不是这项指标自己名称里的词，这一格就按文字处理，
不当作数，留给人看，并指出是哪个词。超过60个字的也按文字处理。

{_table(("填写", "读作", "比较", "数"), rows)}"""


def _words() -> str:
    rows: dict[tuple[str, str, str], list[str]] = {}
    for place, words in (("数前", LEAD), ("数后", BEHIND)):
        for word, meant in words.items():
            rows.setdefault((meant.role, meant.meaning, place), []).append(word)
    rows[Role.ABOUT, ABOUTS[About.OVER], "数与单位之间"] = list(WORDS.about.over)
    rows[Role.COUNTED, "计数单位后面的名称，以这些词结尾", "单位后"] = list(WORDS.counted.words)
    listed = [(role, meaning, place, _listed(words)) for (role, meaning, place), words in sorted(rows.items())]
    return f"""## 目标和实际完成值的用语

增减（增长、下降）不是水平，只与同样的增减比较；“新增”与“累计”不互相比较。实际写“200余人”的，够200即算达到；从约数看不出是否达到的，留给人看。

{_table(("作用", "意思", "写在", "用语"), listed)}
用语在 `schemas/text/words.toml`，可以增补。
"""


def _units() -> str:
    rows = [
        (dimension.base, _listed([f"{word}" + _factor(factor) for word, factor in dimension.units.items()]))
        for dimension in UNITS.dimension
    ]
    counted = _listed([*UNITS.counters.characters, *UNITS.counters.words])
    each = _listed([*UNITS.per.words, *UNITS.per.before])
    return f"""## 计量单位

同一行的单位互相换算，不同行的不能比较。“元/人·天”“每人每天”“人均”这样每一个单位多少的，每一个的单位相同才能比较。

{_table(("换算成", "单位（括号内是一个等于多少）"), rows)}
- 计数单位：{counted}。两边不同的（家、个）按数字比较，另作提醒。
- 每一个（“/”“每”后面）：{each}，以及各计数单位。

单位在 `schemas/text/units.toml`，可以增补。
"""


def _factor(factor: Decimal) -> str:
    return "" if factor == 1 else f"（{factor.normalize():f}）"


def _listed(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
