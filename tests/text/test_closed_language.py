"""The language of targets is closed: no measure is read from a text in which one word is not known."""

from __future__ import annotations

import random
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.text.answers import has_rate, other_figures, other_way
from schemas.text.model import Comparison, Sort, Target
from schemas.text.numerals import NUMBER
from schemas.text.targets import LONGEST, is_none, parse, parse_actual, says_nothing
from schemas.text.units import COUNTERS, MEASURING
from schemas.text.vocabulary import BEHIND, LEAD, WORDS

KNOWN = {*LEAD, *BEHIND, *MEASURING, *COUNTERS, *WORDS.counted.words}
_TURNING = (
    "打住 兜底 天花板 红线 顶格 起步 止步 开外 出头 挂零 之外 上浮 下浮 未必 并非 绝非 不止 不是 除外 另加 折合 扣除"
)
_VAGUE = "倒数 排名 前列 逾期 拖欠 欠缺 只剩 仅 才 差点 险些 约莫 几乎 若干 一些 大半 翻番 打折 抵扣"
_SIGNS = "罚款 退回 取消 停止 暂缓 待定 参照 视同 乘以 除以 平方根 ± ≠ + ~ × # ! ?"
FOREIGN = tuple(f"{_TURNING} {_VAGUE} {_SIGNS}".split(" "))
"""Words with a meaning that no table has, many of which would turn the sense of a number."""
LEADS = ("", "不低于", "≥", "至多", "上限", "控制在", "达到", "合格率", "全年", "新增", "较上年下降", "计划完成")
BODIES = (("37", "家"), ("5", "%"), ("20", "万元"), ("300", "元/户"), ("3-5", "次"), ("2", "个月"), ("十五", "个"))
TAILS = ("", "以上", "以内", "为限")


def _strange() -> list[str]:
    """Give words that no table has: those with a meaning, and some made of characters that stand in no table."""
    dice = random.Random(19)
    dates = "年月日号季度旬底末初前后第截至止到本当上中下"
    used = set("".join(KNOWN)) | set(f"{dates}分之零〇一二两三四五六七八九十百千万亿点每均")
    rare = [chr(code) for code in range(0x4E00, 0x9FA5) if chr(code) not in used and not chr(code).isnumeric()]
    made = ["".join(dice.choices(rare, k=dice.randint(1, 4))) for _ in range(120)]
    return [word for word in (*FOREIGN, *made) if word not in KNOWN]


def _generated() -> list[tuple[str, str]]:
    """Give 2,400 texts and the strange word in each: before, between words and number, before the unit, behind."""
    dice = random.Random(20)
    frames = list(product(LEADS, BODIES, TAILS))
    texts = []
    for number in range(2400):
        lead, (figure, unit), tail = dice.choice(frames)
        word = dice.choice(STRANGE)
        pieces = [lead, figure, unit, tail]
        pieces.insert(number % 5, word)
        texts.append(("".join(pieces), word))
    return texts


STRANGE = _strange()
GENERATED = _generated()


def test_the_generated_texts_are_many() -> None:
    """There are at least 2,000 texts that differ, with at least 150 strange words."""
    assert len({text for text, _ in GENERATED}) >= 2000
    assert len({word for _, word in GENERATED}) >= 150


def test_a_word_of_unknown_meaning_is_never_passed_over() -> None:
    """No text with a strange word is a measure, as target or as actual, and the reason names a piece of the word."""
    passed = [text for text, _ in GENERATED for read in (parse, parse_actual) if read(text).sort is Sort.MEASURE]
    assert passed == []
    unnamed = [
        (text, word)
        for text, word in GENERATED
        if any(figure in text for figure in "0123456789") and not parse(text).unknown
    ]
    assert unnamed == []


def test_the_frames_without_a_strange_word_are_measures() -> None:
    """The same texts without the strange word are measures wherever their words do not contradict each other."""
    texts = [f"{lead}{figure}{unit}" for lead, (figure, unit) in product(LEADS, BODIES)]
    ranges = [text for text in texts if "3-5" in text and text.startswith(("不低于", "≥", "至多", "上限"))]
    assert [text for text in texts if parse(text).sort is not Sort.MEASURE] == ranges


_NUMBERS = ("37", "5", "1,200", "十五", "两百", "万", "亿", "-", "至", "每人", "/", "·")
PIECES = st.sampled_from(sorted({*KNOWN, *_NUMBERS, *FOREIGN}))


@given(st.lists(PIECES, min_size=1, max_size=8).map("".join), st.sampled_from(["", "业务培训人次", "降低投诉率"]))
def test_every_character_of_a_measure_is_accounted_for(text: str, name: str) -> None:
    """The pieces of a measure, put together, are the whole text, and one of them is its number."""
    for read in (parse(text, name), parse_actual(text, name)):
        if read.sort is Sort.MEASURE and not text.startswith("-"):
            assert "".join(part.text for part in read.parts) == "".join(text.split()).rstrip("。;")
            assert any(NUMBER.fullmatch(part.text) for part in read.parts)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("上浮50起", "上浮"),
        ("50起打住", "打住"),
        ("50打住起", "打住起"),
        ("50起以内封口", "封口"),
        ("约50家", "约"),
        ("50家左右", "左右"),
        ("100余人", "余"),
        ("控制在50左右", "左右"),
        ("±5%", "±"),
        ("不低于5家以下", "不低于、以下"),
        ("不超过3-5次", "不超过"),
        ("保持在95%", "保持在"),
        ("以5起", "以"),
        ("较上年5%", "较上年"),
        ("增长下降5%", "增长、下降"),
        ("5个未完成项目", "未完成项目"),
        ("5个村内", "内"),
        ("高于标准5%", "高于标准"),  # is not above 5%
        ("超预算5%", "超预算"),
        ("不低于全市5%", "不低于全市"),
        ("控制在预算5%以内", "控制在预算"),
        ("降至标准5%", "降至标准"),
        ("降至5%以上", "降至、以上"),
        ("提高到5%以下", "提高到、以下"),
        ("百分之5个", "个"),
        ("95%/年", "年"),
        ("效果明显", ""),
        ("一般", ""),
    ],
)
def test_the_reason_names_the_words(text: str, unknown: str) -> None:
    """A target with a number that is no measure says which words made it words; a text without one says nothing."""
    found = parse(text)
    assert (found.sort, found.unknown) == (Sort.WORDS, unknown)


# ---------------------------------------------------------------------- the indicator's own name


def test_the_words_of_the_indicator_are_known_in_its_target() -> None:
    """蓝凤坊 is known where the indicator is called so, before the number and behind, and nowhere else."""
    name = "新建蓝凤坊数量"
    for text in ("蓝凤坊37座", "新建蓝凤坊不低于37座", "37座蓝凤坊"):
        assert parse(text).sort is Sort.WORDS
        assert parse(text, name).value == 37
        assert parse(text, name).unit.startswith("座")


@pytest.mark.parametrize("word", ["上限", "不超过", "最高", "控制在", "以内", "左右"])
def test_a_word_that_decides_is_no_piece_of_a_name(word: str) -> None:
    """A word that decides keeps its meaning in a target though the indicator's name has it too."""
    text = f"50起{word}" if word in {"以内", "左右"} else f"{word}50起"
    assert parse(text, f"事故{word}数").comparison == parse(text).comparison
    assert parse(text, f"事故{word}数").sort == parse(text).sort


def test_a_change_that_the_indicator_measures_is_its_value() -> None:
    """增长8% of 农民收入增长 is the value of the indicator; under another name it is a change."""
    assert (parse("增长8%", "农民收入增长").change, parse("增长8%", "农民收入").change) == ("", "up")


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_name_may_stand_beside_any_text(text: str, name: str) -> None:
    """Whatever the indicator is called, the text is read, and a measure has a value."""
    for found in (parse(text, name), parse_actual(text, name)):
        assert (found.value is not None) == (found.sort is Sort.MEASURE)


# ---------------------------------------------------------------------- bounds


def test_a_long_text_is_words() -> None:
    """A text of more than 200 characters is words, whatever is in it, and so is one longer than any measure."""
    assert LONGEST <= 200
    assert parse("全年" * 100 + "37家") == Target(Sort.WORDS)
    assert parse("全年" * ((LONGEST - 3) // 2) + "37家").value == 37


_GROWING = [
    "一",
    "数",
    "5",
    "5 ",
    "1\r",
    "\r",
    "不低于",
    "每人",
    "家",
    "(",
    "企业",
    "5个企",
    "明显",
    "大幅",
    "了",
    "至",
    "百分之",
    "年",
    "1-",
    ",",
]


@pytest.mark.parametrize("piece", _GROWING)
def test_reading_takes_no_longer_than_the_text(piece: str) -> None:
    """However a text grows, it is read in at most a few milliseconds for each thousand characters of it."""
    for length in (LONGEST // 2, LONGEST, 2000, 32_000):
        text = "3" + (piece * length)[: length - 4] + "37家"
        before = time.process_time()
        parse(text, "企业" * 10)
        parse_actual(text, "企业" * 10)
        says_nothing(text)
        is_none(text)
        other_figures(text, text[::-1])
        other_way("降低", text)
        has_rate(text)
        assert time.process_time() - before < 0.05 + length / 100_000


def test_every_comparison_has_words() -> None:
    """Each comparison that words can tell stands in the tables, and no word tells two."""
    told = {word.key for word in LEAD.values()} | {word.key for word in BEHIND.values()}
    assert set(Comparison) - {Comparison.BETWEEN, Comparison.NONE} <= told
