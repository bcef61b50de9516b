"""Write the closing message of a run: what was read, what was refused, and where the results are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline import frames
from pipeline.output.safe_text import visible
from schemas.file_names import COUNTY_WORKBOOK, RETURNED, REVIEWS, ROSTER, SCORED
from schemas.lists.reviews import Effect
from schemas.rules import RULE

if TYPE_CHECKING:
    from pipeline.evaluate import Run

SHOWN = 10
"""The most departments that the closing message lists; all of them are in the workbook."""


def summarise_run(run: Run) -> str:
    """Summarise a run in Chinese."""
    submissions, summary = run.county_tables.submissions, run.county_tables.summary
    counts = submissions["status"].value_counts()
    summary = summary[summary["points"].notna()]
    evaluated = len(summary)
    lines = [f"收到 {int(submissions['source_file'].ne('').sum())} 个文件，评价 {evaluated} 个部门。"]
    lines += [run.policy.in_place] if run.policy.in_place else []
    lines += (
        [f"评分办法：{run.policy.title}，{run.policy.file}。"] if run.policy.file != f"{run.policy.since}.toml" else []
    )
    lines += [_line(row) for row in frames.records(summary.head(SHOWN))]
    if evaluated > SHOWN:
        lines.append(f"  ……其余 {evaluated - SHOWN} 个部门见全县汇总。")
    if counts.get("ignored"):
        lines.append(f"略过 {counts['ignored']} 个文件（部门名册、临时文件等，见“报送情况”）。")
    for status, word in (
        ("rejected", "没有读取"),
        ("duplicate", "重复"),
        ("superseded", "没有采用（另有较新的或已终审的报表）"),
    ):
        if counts.get(status):
            lines.append(f"{word}（{counts[status]} 个）：")
            lines += [
                f"  {row.source_file}：{row.reason}"
                for row in submissions[submissions["status"].eq(status)].itertuples()
            ]
    lines += _reporting(run)
    if run.given.waivers:
        lines.append(f"豁免：{int(run.county_tables.summary['waived'].sum())} 处审核发现不计数，见各部门的“审核发现”。")
        for waiver, why in run.county_tables.idle:
            lines.append(f"  没有生效：{waiver.department}，{RULE[waiver.rule].title}（{why}）")
    lines += _reviewed(run)
    lines += tell_renamed(run)
    if run.unwritten:
        lines.append(f"没有写成的工作簿（{len(run.unwritten)} 个，写的时候进程中断，或超过了时间、内存的限度）：")
        lines += [f"  {name}" for name in run.unwritten]
        lines.append("  这些部门的得分和审核发现在全县汇总和数据里；请重新运行，补写缺少的工作簿。")
    lines += [
        "结果：",
        f"  全县汇总　{run.folder / COUNTY_WORKBOOK}",
        f"  部门评分　{run.folder / SCORED}",
        *([f"  退回修改　{run.folder / RETURNED}"] if run.returned else []),
        f"  复核意见　{run.folder / REVIEWS}",
        f"  数据　　　{run.folder / 'data'}",
    ]
    return "\n".join(map(visible, lines))


def _reporting(run: Run) -> list[str]:
    """Say who has not reported, who came late, and which lines of the roster name no department."""
    submissions, lines = run.county_tables.submissions, []
    missing = submissions.loc[submissions["status"].eq("missing"), "department"]
    if not run.given.roster.members:
        lines.append(f"没有填好的部门名册（收件夹里的 {ROSTER}），不知道哪些部门应报未报。")
    if run.given.roster.describe_unused():
        lines.append(f"部门名册：{run.given.roster.describe_unused()}。")
    late = run.county_tables.summary["timeliness"].str.startswith("迟报").sum()
    if late:
        lines.append(f"迟报的部门 {late} 个，见“报送情况”。")
    if len(missing):
        lines.append(f"应报未报（{len(missing)} 个）：{'、'.join(missing)}")
    return lines


def tell_renamed(run: Run) -> list[str]:
    """Say under which names files are kept that lay among the last results, and what to do with decisions in them."""
    beside = [name.removeprefix("../") for name in run.renamed if name.startswith("../")]
    kept = [name for name in run.renamed if not name.startswith("../")]
    lines = []
    if kept:
        lines.append(
            f"有人改动过上次的结果，或放了与结果同名的文件；同名的、改动过的文件改了名保存在结果夹里：{'、'.join(kept)}"
        )
    if any(name.startswith(REVIEWS.removesuffix(".xlsx")) for name in kept):
        lines.append(f"  其中填写的复核决定没有采用；要采用，请复制到收件夹、改名为 {REVIEWS} 后重新运行。")
    if beside:
        folder = "、".join(str(run.folder.with_name(name)) for name in beside)
        lines.append(f"原来的结果夹里有打不开、移不动的文件或文件夹，留在 {folder}；请其所有者移回或取走。")
    return lines


def _reviewed(run: Run) -> list[str]:
    """Say how many items wait for a decision, how many were decided, and which lines were refused."""
    reviews = run.county_tables.reviews
    counts = {effect: int(reviews["effect"].eq(effect).sum()) for effect in Effect}
    told = [f"{effect.label} {count} 项" for effect, count in counts.items() if count]
    refused = reviews[reviews["effect"].eq(Effect.REFUSED)]
    return [f"复核：{'，'.join(told)}。" if told else "复核：没有需要复核的事项。"] + [
        f"  {row.department} {row.item}：{row.told}" for row in refused.itertuples()
    ]


def _line(row: dict[str, Any]) -> str:
    claimed = "未填" if row["self_points"] is None else f"{row['self_points']:.2f} 分"
    grade = row["grade"] + ("（暂定）" if row["provisional"] else "")
    if row["reviewed_points"] is not None:
        grade += f"，复核后 {row['reviewed_points']:.2f} 分，{row['reviewed_grade']}"
    counts = f"错误 {row['errors']} 处，提醒 {row['warnings']} 处"
    return f"  {row['department']}：{row['points']:.2f} 分，{grade}；自评 {claimed}；{counts}"
