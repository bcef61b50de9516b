"""What a finding counts for: rules that hold for some years, are on trial, graver by policy, or waived; and lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from pipeline.inputs import Inputs
from pipeline.reading import read
from pipeline.validation.group import group_findings
from schemas import policy as policies
from schemas import rules
from schemas.lists.waivers import Waiver
from tests.support import filed, in_memory

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

(OVER,) = (rule for rule in rules.RULES if rule.id == "overstaffed")
OFFICE = "示例县超编局"


def overstaffed(clean: dict[str, Any]) -> dict[str, Any]:
    """Give a return with one fault: 31 people in 30 posts, stated as 103.33%."""
    fields = {"staff_in_post": 31, "staffing_control_rate_stated": "103.33%"}
    return filed.changed(clean, {"fields": fields}, OFFICE)


def tables(office: dict[str, Any], policy: Policy, *waivers: Waiver) -> in_memory.CountyResult:
    """Evaluate one return."""
    reading = read.read(f"{OFFICE}.xlsx", filed.workbook(office), policy.year)
    return in_memory.evaluate_in_memory([reading], [], policy, Inputs(waivers=waivers))


@pytest.mark.parametrize(
    ("since", "until", "holds"), [(0, None, True), (2021, 2021, True), (2022, None, False), (0, 2020, False)]
)
def test_a_rule_holds_from_its_first_to_its_last_year(
    policy: Policy, since: int, until: int | None, *, holds: bool
) -> None:
    """A rule of other years is not run: 2021 is the first and the last year of one that holds in it alone."""
    rule = replace(OVER, since=since, until=until)
    assert bool(rules.in_force(policy, (rule,))) is holds


def test_a_policy_may_find_a_rule_graver(tmp_path: Path, clean: dict[str, Any]) -> None:
    """With overstaffed as an error by policy, the finding is an error and the return accepted with errors."""
    text = (policies.POLICIES / "2021.toml").read_text(encoding="utf-8")
    more = '\n[[severities]]\nrule = "overstaffed"\nseverity = "error"\nreason = "县委办要求超编必须整改"\n'
    (tmp_path / "2021.toml").write_text(text + more, encoding="utf-8")
    found = tables(overstaffed(clean), policies.load(2021, tmp_path))
    assert found.findings[["rule", "severity"]].to_numpy().tolist() == [["overstaffed", "error"]]
    assert found.summary["errors"].item() == 1
    assert found.submissions["status"].item() == "accepted_with_errors"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('rule = "overstaffed"\nseverity = "error"', "reason：缺少这一项"),
        ('rule = "overstaffed"\nseverity = "grave"\nreason = "因为"', "severity：应为"),
    ],
)
def test_a_severity_needs_its_word_and_a_reason(tmp_path: Path, written: str, words: str) -> None:
    """A severity that there is not, or one without a reason, is a mistake of the policy file."""
    text = (policies.POLICIES / "2021.toml").read_text(encoding="utf-8")
    (tmp_path / "2021.toml").write_text(f"{text}\n[[severities]]\n{written}\n", encoding="utf-8")
    with pytest.raises(policies.PolicyError, match=words):
        policies.load(2021, tmp_path)


def test_a_policy_names_only_rules_that_there_are(policy: Policy) -> None:
    """A severity for a rule that is not in the register stops the run, and names it."""
    other = policies.OtherSeverity.model_validate({"rule": "overstafed", "severity": "error", "reason": "因为"})
    with pytest.raises(policies.PolicyError, match="overstafed"):
        rules.in_force(policy.model_copy(update={"severities": (other,)}))


@pytest.mark.parametrize(("until", "standing"), [(2021, "waived"), (2022, "waived"), (2020, "counted")])
def test_a_waived_finding_is_shown_and_counted_apart(
    clean: dict[str, Any], policy: Policy, until: int, standing: str
) -> None:
    """A waiver that still holds takes the warning out of the count, not out of the list."""
    found = tables(overstaffed(clean), policy, Waiver(OFFICE, "overstaffed", "编制正在核增", "预算股", until))
    assert found.findings["standing"].tolist() == [standing]
    (row,) = found.summary.to_dict("records")
    assert (row["warnings"], row["waived"]) == ((0, 1) if standing == "waived" else (1, 0))


def test_a_waived_error_is_no_error(clean: dict[str, Any], policy: Policy) -> None:
    """A return whose only error is waived is accepted."""
    office = filed.changed(clean, {"fields": {"three_public_budget": 0.43}}, OFFICE)
    waiver = Waiver(OFFICE, "three_public_sum", "已核对原始凭证", "预算股", 2021)
    assert tables(office, policy).submissions["status"].item() == "accepted_with_errors"
    assert tables(office, policy, waiver).submissions["status"].item() == "accepted"


def finding(**given: str) -> dict[str, str]:
    """Give a finding of one rule at one cell, but for what is given."""
    row = dict.fromkeys(("department", "field", "stated", "expected", "message", "waiver", "follows_from"), "")
    row |= {"rule": "actual_blank", "severity": "error", "sheet": "附件1-2", "remedy": "请补填。", "source_file": "a"}
    return row | {"standing": "counted", "cell": "F20", "label": "培训"} | given


def test_the_same_finding_over_many_cells_is_one_line() -> None:
    """Three blanks on one sheet are one line with their cells, names and figures, at the place of the first."""
    blanks = [finding(cell=f"F{at}", label=f"指标{at}", expected=f"{at}家") for at in (20, 21, 22)]
    other = finding(rule="actual_bound", cell="F30", message="别的。")
    (first, second) = group_findings(pd.DataFrame([blanks[0], other, *blanks[1:]])).to_dict("records")
    assert (first["cell"], first["cells"], first["expected"]) == ("F20", "F20、F21、F22", "20家；21家；22家")
    assert first["message"] == "实际完成值空白，共 3 处（F20、F21、F22）：指标20、指标21、指标22。"
    assert (second["cells"], second["message"]) == ("F30", "别的。")


@pytest.mark.parametrize(
    "unlike",
    [
        {"sheet": "附件1-1"},
        {"department": "乙局"},
        {"remedy": "别的办法。"},
        {"standing": "waived"},
        {"source_file": "b"},
        {"rule": "actual_bound"},
    ],
    ids=lambda unlike: next(iter(unlike)),
)
def test_what_differs_is_a_line_of_its_own(unlike: dict[str, str]) -> None:
    """Two alike and a third of another sheet, department, remedy, standing, file or rule are three lines."""
    table = pd.DataFrame([finding(cell="F1"), finding(cell="F2"), finding(cell="F3") | unlike])
    assert group_findings(table)["cells"].tolist() == ["F1", "F2", "F3"]


def test_blocks_are_told_by_their_names(clean: dict[str, Any], policy: Policy) -> None:
    """Wrong weights in all three blocks are one line that names them."""
    rows = {str(number): {"weight": 1} for number in range(1, 14)}
    found = group_findings(tables(filed.changed(clean, {"rows": rows}, OFFICE), policy).findings)
    (line,) = found[found["rule"].eq("block_weight_sum")].to_dict("records")
    assert line["message"] == "分值之和不符，共 3 处（G16、G24、G28）：产出指标、效益指标、满意度指标。"


def test_a_run_without_findings_has_no_lines(clean: dict[str, Any], policy: Policy) -> None:
    """No findings give no lines."""
    none = tables(filed.changed(clean, {}, OFFICE), policy).findings
    assert len(none) == len(group_findings(none)) == 0
