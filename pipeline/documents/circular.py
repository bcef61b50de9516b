"""Write the county circular (通报) from the results of a run: the text or table of each placeholder."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.documents import figures_text
from pipeline.documents.fill import fill_template
from pipeline.documents.official_style import DocumentTable
from pipeline.intake.journal import IN_TIME
from pipeline.output.read_back import by_policy, read_unchanged, table
from schemas.enums import Severity, Standing, Status
from schemas.file_names import LEADER_PAGE, ROSTER
from schemas.measures import ITEMS
from schemas.rules import RULE

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.output.read_back import Row
    from schemas.policy import Policy

MOST_PROBLEMS, MOST_NAMES = 10, 5
"""The most problems that the circular lists, and the most that it names for one department before 等."""
_TABLES = ("submissions", "summary", "scores", "findings", "county")


def write_circular(folder: Path, policy: Policy, template: bytes) -> bytes:
    """Write the circular of a run.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        policy: the policy by which it was evaluated.
        template: a Word document with the placeholders of `placeholder_texts` and `placeholder_tables`.

    Raises:
        pipeline.output.read_back.NoResultsError: there are no results of this policy.
        pipeline.documents.fill.TemplateError: a placeholder is unknown or in a wrong position.
    """
    by_policy(folder, policy)
    run = {name: table(folder, name) for name in _TABLES}
    title = f"{policy.year}年度部门整体支出绩效评价情况的通报"
    page = json.loads(read_unchanged(folder, LEADER_PAGE))
    return fill_template(template, placeholder_texts(run, policy), placeholder_tables(run, page, policy), title)


def placeholder_texts(run: dict[str, list[Row]], policy: Policy) -> dict[str, str]:
    """Give the text of each text placeholder."""
    ranked = _evaluated(run)
    missing = [row for row in run["submissions"] if row["status"] == Status.MISSING]
    refused = [row for row in run["submissions"] if row["status"] == Status.REJECTED]
    again, provisional = _again(run), [row for row in ranked if row["provisional"] == "True"]
    expected = _expected(run)
    counts = {
        "应报部门数": "（没有部门名册，不详）" if expected is None else str(expected),
        "已评价部门数": str(len(ranked)),
        "未报送部门数": "（没有部门名册，不详）" if expected is None else str(len(missing)),
        "不能采用文件数": str(len(refused)),
        "重报部门数": str(len(again)),
        "暂定部门数": str(len(provisional)),
        "平均得分": figures_text.format_mean([_final(row)[0] for row in ranked]) or "（没有）",
        "平均自评得分": figures_text.format_mean([row["self_points"] for row in ranked if row["self_points"]])
        or "（没有）",
    }
    return counts | {
        "年度": str(policy.year),
        "文号": policy.circular,
        "县名": policy.issuer.county or "　　　　",
        "落款": policy.issuer.seal or "　　　　财政局",
        "联系方式": _contact(policy),
        "报送情况": _received(counts, expected) + _late(run),
        "评价结果": _graded(ranked, counts, policy),
        "三公经费情况": _three_public(run["county"]),
    }


def _contact(policy: Policy) -> str:
    """Say whom to ask, "" where the policy names nobody."""
    named = (("联系人", policy.issuer.contact), ("联系电话", policy.issuer.telephone))
    told = "，".join(f"{what}：{value}" for what, value in named if value)
    return told and f"（{told}）"


def placeholder_tables(run: dict[str, list[Row]], page: dict[str, Any], policy: Policy) -> dict[str, DocumentTable]:
    """Give the table of each table placeholder; ``page`` is what the first sheet of the county workbook says."""
    figures = tuple((each["label"], each["text"], each["note"].replace("　", "；")) for each in page["figures"])
    matters = tuple((each["kind"], each["department"], each["told"], each["todo"]) for each in page["matters"])
    return {
        "主要数字": DocumentTable(("项目", "本年", "比较"), figures, (False, True, False)),
        "需要决定的事": DocumentTable(("事项", "部门", "情况", "办法"), matters, (False,) * 4),
        "等级": _grades(_evaluated(run), policy),
        "排名": _ranking(_evaluated(run)),
        "三公经费": _items(run["county"]),
        "共性问题": _problems(page, len(_evaluated(run))),
        "重报部门": _resubmit(run),
        "未报部门": _missing(run),
    }


def _evaluated(run: dict[str, list[Row]]) -> list[Row]:
    return [row for row in run["summary"] if row["points"]]


def _final(row: Row) -> tuple[str, str]:
    """Give points and grade of a department, after review where it was reviewed."""
    if row["reviewed_points"]:
        return row["reviewed_points"], row["reviewed_grade"]
    return row["points"], row["grade"]


def _told_grade(row: Row) -> str:
    return _final(row)[1] + ("（暂定）" if row["provisional"] == "True" else "")


def _again(run: dict[str, list[Row]]) -> list[Row]:
    """Give the departments whose return has errors that count, most errors first."""
    return sorted((row for row in _evaluated(run) if int(row["errors"])), key=lambda row: -int(row["errors"]))


def _expected(run: dict[str, list[Row]]) -> int | None:
    """Give how many departments of the roster must report; None where the run had no roster."""
    missing = sum(row["status"] == Status.MISSING for row in run["submissions"])
    if not missing and not any(row["source_file"].lower() == ROSTER for row in run["submissions"]):
        return None
    unknown = {row["department"] for row in run["findings"] if row["rule"] == "department_unknown"}
    return missing + sum(row["department"] not in unknown for row in _evaluated(run))


# ---------------------------------------------------------------------- sentences


def _received(counts: dict[str, str], expected: int | None) -> str:
    """Say how many departments have reported."""
    told = f"已报送并完成评价的部门{counts['已评价部门数']}个"
    refused = counts["不能采用文件数"]
    beside = f"收到的文件中有{refused}个不能采用。" if refused != "0" else ""
    if expected is None:
        return f"{told}。没有部门名册，应报、未报部门数不详。{beside}"
    return f"全县应报部门{expected}个，{told}，未报送（含文件不能采用）的部门{counts['未报送部门数']}个。{beside}"


def _late(run: dict[str, list[Row]]) -> str:
    """Name the departments whose first return came late."""
    late = [(row["department"], row.get("timeliness", "")) for row in run["summary"]]
    names = [f"{name}（{told}）" for name, told in late if told not in {"", IN_TIME}]
    return f"迟报的部门{len(names)}个：{'、'.join(names)}。" if names else ""


def _graded(ranked: list[Row], counts: dict[str, str], policy: Policy) -> str:
    """Say how many departments have each grade, and how many grades are provisional."""
    if not ranked:
        return "没有完成评价的部门。"
    by = Counter(_final(row)[1] for row in ranked)
    told = "，".join(f"“{grade.word}”{by[grade.word]}个" for grade in policy.grades)
    text = f"完成评价的{len(ranked)}个部门中，{told}；平均得分{counts['平均得分']}分。"
    if counts["暂定部门数"] != "0":
        text += f"其中{counts['暂定部门数']}个部门尚有指标待复核认定，等级为暂定，认定后可能提高。"
    return text


def _three_public(county: list[Row]) -> str:
    row = _rate(county, "three_public_change_rate")
    if not row or not row["numerator"]:
        return "“三公”经费没有可比的数据。"
    now = Decimal(row["numerator"]) + Decimal(row["denominator"])
    return (
        f"有当年和上年决算数的{row['departments']}个部门，“三公”经费决算数合计{figures_text.format_money(str(now))}万元，"
        f"{figures_text.describe_change(row)}。"
    )


def _rate(county: list[Row], name: str) -> Row | None:
    return next((row for row in county if row["measure"] == name), None)


# ---------------------------------------------------------------------- tables


def _grades(ranked: list[Row], policy: Policy) -> DocumentTable:
    rows = []
    above = ""
    for grade in policy.grades:
        cuts = [f"{grade.points_from:g}分及以上"] if grade.points_from else []
        cuts += [f"不足{above}分"] if above else []
        above = f"{grade.points_from:g}"
        mine = [row for row in ranked if _final(row)[1] == grade.word]
        provisional = sum(row["provisional"] == "True" for row in mine)
        share = figures_text.format_percent(str(Decimal(len(mine)) / len(ranked))) if ranked else ""
        rows.append((grade.word, "，".join(cuts), str(len(mine)), share, str(provisional)))
    return DocumentTable(
        ("等级", "分数线", "部门数", "占比", "其中暂定"), tuple(rows), (False, False, True, True, True)
    )


def _ranking(ranked: list[Row]) -> DocumentTable:
    rows = tuple(
        (
            row["rank"],
            row["department"],
            figures_text.format_points(_final(row)[0]) + ("*" if row["reviewed_points"] else ""),
            _told_grade(row),
            figures_text.format_points(row["self_points"]),
            row["errors"],
        )
        for row in ranked
    )
    return DocumentTable(("名次", "部门", "得分", "等级", "自评", "错误"), rows, (True, False, True, False, True, True))


def _items(county: list[Row]) -> DocumentTable:
    rows = []
    for name, label in ITEMS:
        change, control = _rate(county, f"{name}_change_rate"), _rate(county, f"{name}_control_rate")
        rows.append((label, *_sums(change), *_sums(control)))
    heads = ("项目", "上年决算", "比上年增减", "变动率", "当年预算", "当年决算", "控制率")
    return DocumentTable(heads, tuple(rows), (False, True, True, True, True, True, True))


def _sums(row: Row | None) -> tuple[str, str, str]:
    """Give denominator, numerator and value of a county rate as table cells."""
    if not row or not row["numerator"]:
        return ("—", "—", "—")
    share = figures_text.format_percent(row["value"]) if row["value"] else "—"
    return figures_text.format_money(row["denominator"]), figures_text.format_money(row["numerator"]), share


def _problems(page: dict[str, Any], evaluated: int) -> DocumentTable:
    """List the mistakes of most departments, with the part of all that made them, and how many made them last year."""
    rows = tuple(
        (
            str(number),
            each["title"],
            str(each["departments"]),
            figures_text.format_percent(str(Decimal(each["departments"]) / evaluated)),
            str(each["again"]) if page["last_year_known"] else "—",
        )
        for number, each in enumerate(page["problems"][:MOST_PROBLEMS], 1)
    )
    return DocumentTable(("序号", "问题", "部门数", "占比", "上年已指出"), rows, (True, False, True, True, True))


def _title(rule: str) -> str:
    return RULE[rule].title if rule in RULE else rule


def _resubmit(run: dict[str, list[Row]]) -> DocumentTable:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in run["findings"]:
        if row["standing"] == Standing.COUNTED and row["severity"] == Severity.ERROR:
            kinds[row["department"]][_title(row["rule"])] += 1
    rows = tuple(
        (str(number), row["department"], row["errors"], _named(kinds[row["department"]]))
        for number, row in enumerate(_again(run), 1)
    )
    return DocumentTable(("序号", "部门", "错误", "主要问题"), rows, (True, False, True, False))


def _named(kinds: Counter[str]) -> str:
    titles = [title for title, _ in kinds.most_common(MOST_NAMES)]
    return "、".join(titles) + ("等" if len(kinds) > MOST_NAMES else "")


def _missing(run: dict[str, list[Row]]) -> DocumentTable:
    """List the departments that sent nothing, and unusable files of departments that were not evaluated."""
    missing = [row for row in run["submissions"] if row["status"] == Status.MISSING]
    settled = {row["department"] for row in _evaluated(run)}
    told = [(row["department"], row["reason"]) for row in missing]
    told += [
        (row["department"] or row["source_file"], f"文件不能采用：{row['reason']}")
        for row in run["submissions"]
        if row["status"] == Status.REJECTED
        and row["department"] not in settled
        and not any(row["source_file"] in each["reason"] for each in missing)
    ]
    empty = "没有部门名册，未报送的部门不详。" if _expected(run) is None else "无。"
    rows = tuple((str(number), *each) for number, each in enumerate(told, 1))
    return DocumentTable(("序号", "部门（文件）", "情况"), rows, (True, False, False), empty)
