"""Draw the figures of a department: staff, budgets and outturns that agree with each other exactly.

Amounts are whole hundredths of 万元, so that sums are exact on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.demo.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

COLUMNS = ("outturn", "budget", "prior_outturn")
_PROJECTS = ("project_operations", "project_maintenance", "project_county")
_CAR = 1800
"""The price of a car, in hundredths of 万元."""
_BUYS_A_CAR = 0.05
"""The share of departments that buy a car, of those that can afford one."""
_LEAST_STAFF = 6
_STAFF_TO_A_CAR = 14
_AFFORDS_A_CAR = 10 * _CAR


def draw_figures(random: Random, kind: str) -> dict[str, int]:
    """Draw the figures of a kind of department by field: people, and amounts in hundredths of 万元."""
    typical = words()["kinds"][kind]
    posts = max(_LEAST_STAFF, round(typical["staff"] * random.lognormvariate(0, 0.4)))
    staff = posts - int(posts * random.uniform(0, 0.14))
    drawn = {"authorised_posts": posts, "staff_in_post": staff}
    drawn |= _basic(random, staff)
    drawn |= _project(random, round(staff * typical["project"] * random.lognormvariate(0, 0.6) * 100))
    return drawn | _funds(random, drawn, typical["income"])


def split(random: Random, total: int, parts: int) -> list[int]:
    """Split a total into so many random parts that add up to it."""
    shares = [random.uniform(0.4, 1.6) for _ in range(parts)]
    amounts = [int(total * share / sum(shares)) for share in shares]
    amounts[0] += total - sum(amounts)
    return amounts


def _years(random: Random, budget: int, spent: tuple[float, float], before: tuple[float, float]) -> tuple[int, ...]:
    """Draw outturn, budget and last year's outturn from ranges: the share spent, and last year's share of that."""
    outturn = int(budget * random.uniform(*spent))
    return outturn, budget, int(outturn * random.uniform(*before))


def _named(item: str, years: Sequence[int]) -> dict[str, int]:
    return {f"{item}_{column}": amount for column, amount in zip(COLUMNS, years, strict=True)}


def _sum(*items: Sequence[int]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*items, strict=True)))


def _basic(random: Random, staff: int) -> dict[str, int]:
    """Draw 基本支出: personnel and operating costs, the latter with 三公经费."""
    personnel = _years(random, int(staff * random.uniform(850, 1250)), (0.96, 1.02), (0.9, 1.0))
    operating = _years(random, int(staff * 220 * random.lognormvariate(0, 0.22)), (0.88, 1.0), (0.92, 1.08))
    cars = random.randint(0, 1 + staff // _STAFF_TO_A_CAR)
    running = _years(random, int(min(cars * random.uniform(180, 320), operating[1] / 5)), (0.75, 1.0), (1.0, 1.2))
    new = random.random() < _BUYS_A_CAR and operating[1] > _AFFORDS_A_CAR
    purchase = _years(random, _CAR, (0.9, 1.0), (0, 0)) if new else (0, 0, 0)
    reception = _years(random, max(20, int(operating[1] * random.uniform(0.005, 0.03))), (0.6, 1.0), (1.0, 1.4))
    overseas = (0, 0, 0)
    vehicles = _sum(purchase, running)
    basic = _sum(personnel, operating)
    drawn = _named("basic", basic)
    drawn |= _named("general_cut", [int(amount * random.uniform(0.01, 0.03)) for amount in basic])
    drawn |= _named("three_public", _sum(vehicles, reception, overseas)) | _named("vehicles", vehicles)
    drawn |= _named("vehicle_purchase", purchase) | _named("vehicle_running", running)
    drawn |= _named("reception", reception) | _named("overseas", overseas)
    return drawn | {"spending_personnel": personnel[0], "spending_operating": operating[0]}


def _project(random: Random, budget: int) -> dict[str, int]:
    """Draw 项目支出, its lines, and procurement."""
    years = _years(random, budget, (0.72, 1.06), (0.8, 1.15))
    drawn = _named("project", years)
    lines = [split(random, amount, len(_PROJECTS)) for amount in years]
    for at, name in enumerate(_PROJECTS):
        drawn |= _named(name, [line[at] for line in lines])
    return drawn | _named("procurement", _years(random, int(budget * random.uniform(0.1, 0.4)), (0.8, 1.0), (0.7, 1.2)))


def _funds(random: Random, drawn: dict[str, int], others: Sequence[str]) -> dict[str, int]:
    """Draw 部门资金 of 附件1-2: the sources of the budget, and what was spent."""
    budget = drawn["basic_budget"] + drawn["project_budget"]
    income = dict.fromkeys(("income_fund", "income_nontax", "income_other"), 0)
    income |= {name: int(budget * random.uniform(0.01, 0.08)) for name in others}
    income["income_carryover"] = int(budget * random.uniform(0, 0.05))
    return {
        "funds_budget": budget,
        "funds_executed": drawn["basic_outturn"] + drawn["project_outturn"],
        "income_general": budget - sum(income.values()),
        **income,
        "spending_basic": drawn["basic_outturn"],
        "spending_three_public": drawn["three_public_outturn"],
        "spending_project": drawn["project_outturn"],
    }
