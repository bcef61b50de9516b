"""Policy files: from which year each holds, and every mistake at once."""

from __future__ import annotations

import re
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import pytest
import tomli_w

from schemas import policy as policies
from schemas.policy import POLICIES, PolicyError
from schemas.policy.differences import NOTHING, differences
from schemas.policy.variants import variants
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from schemas.policy import Policy

TEXT = (POLICIES / "2021.toml").read_text(encoding="utf-8")


def another(folder: Path, since: int, *changes: tuple[str, str]) -> Path:
    """Add a policy file that holds from a year on: the one of 2021 with some of its text changed."""
    text = TEXT.replace("since = 2021", f"since = {since}")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    path = folder / f"{since}.toml"
    path.write_text(text, encoding="utf-8")
    return path


# ---------------------------------------------------------------------- from which year


@pytest.mark.parametrize(("year", "since"), [(2021, 2021), (2022, 2021), (2024, 2021), (2025, 2025), (2030, 2025)])
def test_a_policy_holds_until_a_later_one(year: int, since: int, tmp_path: Path) -> None:
    """With files from 2021 and from 2025 on, each year has the newest whose first year is not after it."""
    for first in (2021, 2025):
        another(tmp_path, first)
    found = policies.load(year, tmp_path)
    assert (found.year, found.since, found.is_of_its_year) == (year, since, year == since)


def test_a_year_before_the_first_policy_has_none(tmp_path: Path) -> None:
    """2019 has no policy where the first holds from 2021 on; what to do is told."""
    another(tmp_path, 2021)
    with pytest.raises(PolicyError, match="没有2019年度的政策文件；现有的从2021年度起适用"):
        policies.load(2019, tmp_path)


def test_a_file_says_from_when_it_holds(tmp_path: Path) -> None:
    """A file that is called 2022.toml and holds from 2021 on is refused: a copied file was not changed."""
    (tmp_path / "2022.toml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"2022\.toml 写的起始年度（since）是2021"):
        policies.load(2022, tmp_path)


# ---------------------------------------------------------------------- how it is written


def test_decimal_weights_are_added_exactly(tmp_path: Path) -> None:
    """17.1 + 35.3 + 32.8 + 14.8 is 100, which the same numbers as binary fractions do not add up to."""
    weights = {"预算执行率": (10, 17.1), "产出指标": (50, 35.3), "效益指标": (30, 32.8), "满意度指标": (10, 14.8)}
    assert reduce(add, (after for _, after in weights.values())) != 100  # as sum() gives it before Python 3.12
    pairs = [
        (f'label = "{label}"\nweight = {before}', f'label = "{label}"\nweight = {after}')
        for label, (before, after) in weights.items()
    ]
    another(tmp_path, 2021, *pairs)
    assert policies.load(2021, tmp_path).weight("output") == 35.3


def test_a_byte_order_mark_does_not_matter() -> None:
    """Notepad writes one before the text; the policy is the same."""
    marked = policies.read("2021.toml", TEXT.encode("utf-8-sig"))
    plain = policies.read("2021.toml", TEXT.encode())
    assert marked.model_copy(update={"sha256": plain.sha256}) == plain


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", "评分".encode("gb18030"), b"a = ", b"[" * 100_000])
def test_what_is_no_toml_is_told(content: bytes) -> None:
    """Bytes that are no UTF-8, half a line, and brackets without end are each a message."""
    with pytest.raises(PolicyError, match=r"政策文件 x\.toml 的格式有误"):
        policies.read("x.toml", content)


# ---------------------------------------------------------------------- mistakes


def _changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


MISTAKES: dict[str, tuple[Callable[[], str], str]] = {
    "renamed": (lambda: _changed(('name = "output"', 'name = "result"')), "criteria.2.name：没有“result”这个部分"),
    "missing": (lambda: _changed(('name = "output"', 'name = "result"')), "criteria：缺少产出指标（output）"),
    "doubled": (
        lambda: _changed(('name = "output"', 'name = "benefit"')),
        "criteria.3.name：“benefit”写了不止一次",
    ),
    "sum": (lambda: _changed(("weight = 50", "weight = 51")), "criteria：各部分分值之和为101，应为100"),
    "beyond": (lambda: _changed(("weight = 50", "weight = 150")), "criteria.2.weight：应不大于100"),
    "word": (lambda: _changed(('word = "良好"', 'word = "优秀"')), "grades.2.word：“优秀”写了不止一次"),
    "101": (lambda: _changed(("from = 90", "from = 101")), "grades.1.from：应不大于100"),
    "order": (
        lambda: _changed(("from = 80", "from = 95")),
        "grades.2.from：等级须从高到低排列：应低于上一级“优秀”的90分",
    ),
    "lowest": (lambda: _changed(("from = 0", "from = 10")), "grades.4.from：最低一级应从0分起"),
    "band": (
        lambda: _changed(("low = 0.6\nhigh = 0.8", "low = 0.8\nhigh = 0.6")),
        "qualitative.partly.low：下限0.8高于上限0.6",
    ),
    "overlap": (
        lambda: _changed(("low = 0.8\nhigh = 1.0", "low = 0.7\nhigh = 1.0")),
        "qualitative.achieved.low：应不低于",
    ),
    "factors": (lambda: _changed(("[3000, 30000]", "[30000, 3000]")), "alerts.yuan_for_wan.2：应大于前一个数30000"),
    "measure": (
        lambda: _changed(('measure = "staffing_control_rate"', 'measure = "staffing"')),
        "reference.1.measure：没有“staffing”这个指标",
    ),
    "infinite": (lambda: _changed(("from = 90", "from = inf")), "grades.1.from"),
    "truth": (lambda: _changed(('circular = "蒸财绩〔2022〕1号"', "circular = true")), "circular：应为文字"),
    "year": (lambda: _changed(("since = 2021", "since = 2021\nyear = 2021")), "year：没有这样的项目"),
    "twice a rule": (
        lambda: TEXT + 2 * '\n[[severities]]\nrule = "full_marks"\nseverity = "info"\nreason = "无"\n',
        "severities.2.rule：“full_marks”写了不止一次",
    ),
    "unseen": (lambda: _changed(('word = "良好"', 'word = "良\\u200b好"')), "grades.2.word：含有看不见的字符"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_told_at_its_place(kind: str) -> None:
    """Each kind of mistake that a policy can have is a line with its place, never a traceback."""
    text, told = MISTAKES[kind]
    with pytest.raises(PolicyError) as error:
        policies.read("2021.toml", text().encode())
    assert told in str(error.value)


def test_all_mistakes_are_told_at_once() -> None:
    """Five mistakes are six lines under one head: a name that is misspelt is unknown, and the right one is missing."""
    text = _changed(
        ("weight = 50", "weight = 51"),
        ('word = "良好"', 'word = "优秀"'),
        ("low = 0.6\nhigh = 0.8", "low = 0.8\nhigh = 0.6"),
        ("[3000, 30000]", "[30000, 3000]"),
        ("self_difference = 5", 'self_differance = "五"'),
    )
    with pytest.raises(PolicyError) as error:
        policies.read("2021.toml", text.encode())
    lines = str(error.value).splitlines()
    assert lines[0] == "政策文件 2021.toml 有6处错误："
    assert sorted(line.partition("：")[0].strip() for line in lines[1:]) == [
        "alerts.self_differance",
        "alerts.self_difference",
        "alerts.yuan_for_wan.2",
        "criteria",
        "grades.2.word",
        "qualitative.partly.low",
    ]


# ---------------------------------------------------------------------- variants, differences


@pytest.mark.parametrize("name", [each.name for each in variants()])
def test_every_variant_makes_a_policy(name: str, policy: Policy) -> None:
    """Put in the place of the county's own parts, what a public source has makes a policy without a mistake."""
    (variant,) = (each for each in variants() if each.name == name)
    assert variant.source
    assert variant.certainty
    assert variant.applied(policy).criteria


def test_the_national_grades_are_those_of_the_regulation(policy: Policy) -> None:
    """财预〔2020〕10号: 90—100 is 优, 80—90 良, 60—80 中, below 差; weights 10, 50, 30 and 10."""
    (national,) = (each.applied(policy) for each in variants() if each.name == "national-2020")
    assert [(each.word, each.points_from) for each in national.grades] == [
        ("优", 90),
        ("良", 80),
        ("中", 60),
        ("差", 0),
    ]
    assert [each.weight for each in national.criteria] == [10, 50, 30, 10]


def test_two_policies_differ_where_they_were_changed(tmp_path: Path) -> None:
    """A weight, a tolerance in percent, a word taken out and a grade added are the differences, and nothing else is."""
    other = another(
        tmp_path,
        2025,
        ("weight = 50", "weight = 45"),
        ("weight = 30", "weight = 35"),
        ("rate = 0.005", "rate = 0.001"),
        ('"尚可", ', ""),
        ('word = "差"\nfrom = 0', 'word = "中"\nfrom = 50\nsource = "自定"\n\n[[grades]]\nword = "差"\nfrom = 0'),
    )
    found = differences(policies.load(2021), policies.read(other.name, other.read_bytes()))
    assert [(each.what, each.before, each.after) for each in found] == [
        ("起始年度", "2021", "2025"),
        ("容差：比率", "0.5%", "0.1%"),
        ("分值：产出指标·分值（分）", "50", "45"),
        ("分值：效益指标·分值（分）", "30", "35"),
        ("等级：中·起点（分）", NOTHING, "50"),
        ("等级：中·依据", NOTHING, "自定"),
        ("用语：部分达成·尚可", "有", NOTHING),
    ]


# ---------------------------------------------------------------------- whose it is


def test_no_county_stands_in_the_program() -> None:
    """The circular, the county and its bureau are named in policy files alone, in no other file of the program."""
    ours = re.compile("蒸财|衡阳|hengyang", re.IGNORECASE)
    files = [path for folder in ("pipeline", "schemas") for path in (filed.ROOT / folder).rglob("*") if path.is_file()]
    read = [path for path in files if "policies" not in path.parts and path.suffix != ".pyc"]
    assert len(read) > 200
    found = [path for path in read if ours.search(path.read_bytes().decode("utf-8", "ignore"))]
    assert [str(path.relative_to(filed.ROOT)) for path in found] == []


def test_a_policy_written_as_toml_is_the_same(policy: Policy) -> None:
    """What `jixiao policy --write x.toml` writes says what the file says that it was made from."""
    again = policies.read("x.toml", tomli_w.dumps(policies.as_table(policy)).encode())
    assert policies.as_table(again) == policies.as_table(policy)
