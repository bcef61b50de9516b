"""Draw the return of a made-up department: fields and indicator rows, which are then written as a workbook."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from pipeline.demo.figures import draw_figures
from pipeline.demo.indicators import IndicatorLine, as_template_rows, draw_lines
from pipeline.demo.words import words
from pipeline.scoring.exact import half_up
from pipeline.workbooks.template import workbook as template_workbook
from schemas.enums import EXECUTION

if TYPE_CHECKING:
    from pipeline.demo.words import DemoDepartment
    from schemas.policy import Policy

PEOPLE = ("authorised_posts", "staff_in_post")
_CLERK, _HEAD = "某", "某某"


@dataclass(slots=True)
class Return:
    """A return; faults change it before it is written, and ``faults`` lists their rules."""

    office: DemoDepartment
    policy: Policy
    fields: dict[str, Any]
    lines: list[IndicatorLine]
    faults: list[str] = field(default_factory=list)

    def add_up(self) -> None:
        """State execution rate, points, total and grade as they follow from the figures."""
        rate = self.execution()
        self.fields["funds_rate_stated"] = f"{float(rate) * 100:.2f}%"
        self.fields["funds_points"] = half_up(Fraction(repr(self.policy.weight(EXECUTION))) * min(rate, Fraction(1)))
        self.total()

    def total(self) -> None:
        """State total and grade as they follow from the points of the rows."""
        points = [self.fields["funds_points"], *(line.self_points for line in self.lines)]
        self.fields["total_points"] = round(sum(float(each) for each in points if each != ""), 2)
        grades = (each.word for each in self.policy.grades if self.fields["total_points"] >= each.points_from)
        self.fields["grade_stated"] = next(grades)

    def execution(self) -> Fraction:
        """Give the execution rate."""
        executed, budget = (Fraction(repr(float(self.fields[f"funds_{name}"]))) for name in ("executed", "budget"))
        return executed / budget

    def workbook(self) -> bytes:
        """Write the form filled in."""
        return template_workbook.write_form(self.policy, self.fields, as_template_rows(self.lines, self.policy))


def random_for(*of: object) -> Random:
    """Give a random generator for each thing that is drawn, independent of what else is drawn."""
    return Random("/".join(map(str, of)))  # noqa: S311 - made-up figures, no secrets; same seed, same county


def draw_honest(random: Random, office: DemoDepartment, policy: Policy) -> Return:
    """Draw a return without faults."""
    drawn = draw_figures(random, office.kind)
    amounts = {name: value if name in PEOPLE else value / 100 for name, value in drawn.items()}
    rows = draw_lines(random, office.kind, policy)
    made = Return(office, policy, _written(random, office, policy) | amounts | _goals(random, rows), rows)
    made.fields["staffing_control_rate_stated"] = f"{amounts['staff_in_post'] / amounts['authorised_posts']:.2%}"
    made.add_up()
    return made


def _written(random: Random, office: DemoDepartment, policy: Policy) -> dict[str, Any]:
    """Draw names, dates, explanations and signatures; no person has such a name, and no area has such a code."""
    date = f"{policy.year + 1}年3月{random.randint(1, 25)}日"
    telling = {name: random.choice(words()[of]) for name, of in _TEXTS.items()}
    return telling | {
        "department_1_1": office.name,
        "department_1_2": office.name,
        "reported_on_1_1": date,
        "reported_on_1_2": date,
        "fiscal_year": f"（{policy.year}年度）",
        "funds_weight": policy.weight(EXECUTION),
        "total_weight": sum(each.weight for each in policy.criteria),
        "filled_by": random.choice(words()["surnames"]) + _CLERK,
        "telephone": f"0000-{random.randint(0, 9999999):07}",
        "signed_by": random.choice(words()["surnames"]) + _HEAD,
    }


_TEXTS = {"economy_measures": "economy", "deviation_reasons": "reasons", "remedies": "remedies"}


def _goals(random: Random, rows: list[IndicatorLine]) -> dict[str, str]:
    """Write the first quantities as running text, as goals and as results."""
    told = [line for line in rows if line.aspect == "quantity"][: random.randint(1, 4)]
    goals = "；".join(f"{line.level3}{line.number}{line.unit}以上" for line in told)
    became = "；".join(f"{line.level3}{line.actual}" for line in told)
    return {
        "goal_planned": f"{random.choice(words()['planned'])}，{goals}。",
        "goal_achieved": f"{random.choice(words()['achieved'])}：{became}。",
    }
