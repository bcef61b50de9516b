"""Write the sections of figures of a department's self-evaluation report (自评报告) from the results of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.documents import figures_text
from pipeline.documents.fill import fill_template
from pipeline.documents.official_style import DocumentTable
from pipeline.output.read_back import AccountError, by_policy, own_name, table
from schemas.enums import TOTAL, State
from schemas.forms import FIELDS
from schemas.measures import ITEMS, MEASURES

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.output.read_back import Row
    from schemas.policy import Policy

_TABLES = ("summary", "scores", "indicators", "facts", "measures")
_INCOME = ("income_general", "income_fund", "income_nontax", "income_carryover", "income_other")
_SPENDING = ("spending_basic", "spending_personnel", "spending_operating", "spending_project")
_CHANGES = (*ITEMS, ("basic", "基本支出"), ("project", "项目支出"))


def write_self_report(folder: Path, department: str, policy: Policy, template: bytes) -> tuple[str, bytes]:
    """Write the report of one department; give the department's name as in the results, and the document.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        department: its name; spaces and quotes do not matter.
        policy: the policy by which it was evaluated.
        template: a Word document with the placeholders of `placeholder_texts` and `placeholder_tables`.

    Raises:
        pipeline.output.read_back.NoResultsError: there are no results of this policy.
        AccountError: there is no such department, or it was not evaluated.
        pipeline.documents.fill.TemplateError: a placeholder is unknown or in a wrong position.
    """
    by_policy(folder, policy)
    run = {name: table(folder, name) for name in _TABLES}
    own = own_name([row["department"] for row in run["summary"]], department)
    mine = {name: [row for row in rows if row["department"] == own] for name, rows in run.items()}
    if not mine["scores"]:
        raise AccountError(f"{own}没有评价结果（没有报送，或报送的文件不能读取），写不出自评报告。")
    title = f"{own}{policy.year}年度部门整体支出绩效自评报告"
    return own, fill_template(template, placeholder_texts(mine, policy), placeholder_tables(mine, policy), title)


def placeholder_texts(mine: dict[str, list[Row]], policy: Policy) -> dict[str, str]:
    """Give the text of each text placeholder: every field and measure by its label, and whole sentences."""
    facts, measures = _by(mine["facts"], "field"), _by(mine["measures"], "measure")
    found = {asked.label: figures_text.describe_fact(facts.get(name)) for name, asked in FIELDS.items()}
    found |= {each.label: figures_text.describe_measure(measures.get(each.name)) for each in MEASURES}
    found |= {
        f"{label}变动": figures_text.describe_change(measures.get(f"{name}_change_rate")) for name, label in _CHANGES
    }
    left = measures.get("carryover_rate", {}).get("numerator", "")
    return found | {
        "部门": mine["summary"][0]["department"],
        "年度": str(policy.year),
        "文号": policy.circular,
        "年末结转结余": f"{figures_text.format_money(left)}万元" if left else figures_text.BLANK,
        "结论": _conclusion(mine),
    }


def placeholder_tables(mine: dict[str, list[Row]], policy: Policy) -> dict[str, DocumentTable]:
    """Give the table of each table placeholder."""
    facts, measures = _by(mine["facts"], "field"), _by(mine["measures"], "measure")
    return {
        "收入结构": _shares(_INCOME, "占总收入", facts, measures),
        "支出结构": _shares(_SPENDING, "占比", facts, measures),
        "三公经费": _three_public(facts, measures),
        "得分": _scores(mine["scores"], policy),
        "指标": _indicators(mine["indicators"]),
    }


def _by(rows: list[Row], key: str) -> dict[str, Row]:
    return {row[key]: row for row in rows}


def _amount(row: Row | None) -> str:
    """Write an amount without its unit, which the head of the table states."""
    return figures_text.describe_fact(row).removesuffix("万元")


def _shares(names: tuple[str, ...], head: str, facts: dict[str, Row], measures: dict[str, Row]) -> DocumentTable:
    rows = []
    for name in names:
        share = measures.get(f"{name}_share")
        told = figures_text.describe_measure(share) if share and share["value"] else "—"
        rows.append((FIELDS[name].label, _amount(facts.get(name)), told))
    return DocumentTable(("项目", "金额（万元）", head), tuple(rows), (False, True, True))


def _three_public(facts: dict[str, Row], measures: dict[str, Row]) -> DocumentTable:
    rows = []
    for name, label in ITEMS:
        rates = (measures.get(f"{name}_{rate}_rate") for rate in ("change", "control"))
        told = [figures_text.describe_measure(row) if row and row["value"] else "—" for row in rates]
        filed = (_amount(facts.get(f"{name}_{column}")) for column in ("budget", "outturn", "prior_outturn"))
        rows.append((label, *filed, *told))
    heads = ("项目", "当年预算数", "当年决算数", "上年决算数", "变动率", "控制率")
    return DocumentTable(heads, tuple(rows), (False, True, True, True, True, True))


def _scores(scores: list[Row], policy: Policy) -> DocumentTable:
    reviewed = any(row["reviewed_points"] for row in scores)
    rows = []
    for row in scores:
        label = "合计" if row["criterion"] == TOTAL else policy.label(row["criterion"])
        names = ("weight", "self_points", "points", *(("reviewed_points",) if reviewed else ()))
        names += ("unreported_weight", "unjudged_weight")
        rows.append((label, *(figures_text.format_points(row[name]) for name in names)))
    heads = ("指标", "分值", "自评得分", "核算得分", *(("复核得分",) if reviewed else ()), "未填报分值", "待定分值")
    return DocumentTable(heads, tuple(rows), (False, *(True,) * (len(heads) - 1)))


def _indicators(indicators: list[Row]) -> DocumentTable:
    rows = tuple(
        (
            row["row"],
            row["level3"] or figures_text.BLANK,
            row["target"] or figures_text.BLANK,
            row["actual"] or figures_text.BLANK,
            State(row["state"]).label,
            figures_text.format_points(row["weight"]),
            figures_text.format_points(row["reviewed"] or row["points"]),
        )
        for row in indicators
    )
    heads = ("序号", "三级指标", "年度指标值", "实际完成值", "完成情况", "分值", "得分")
    return DocumentTable(heads, rows, (True, False, False, False, False, True, True), "没有填报指标。")


def _conclusion(mine: dict[str, list[Row]]) -> str:
    (summary,) = mine["summary"]
    total = next(row for row in mine["scores"] if row["criterion"] == TOTAL)
    claimed = summary["self_points"]
    text = (
        f"自评总得分{figures_text.format_points(claimed)}分，按分数为“{summary['self_grade']}”；"
        if claimed
        else "自评总得分未填报；"
    )
    text += f"经核算得{figures_text.format_points(summary['points'])}分，等级为“{summary['grade']}”"
    if summary["reviewed_points"]:
        text += (
            f"，复核后得{figures_text.format_points(summary['reviewed_points'])}分，等级为“{summary['reviewed_grade']}”"
        )
    if summary["provisional"] == "True":
        text += f"（暂定，尚有{figures_text.format_points(total['open_weight'])}分待复核认定，认定后等级可能提高）"
    return f"{text}。"
