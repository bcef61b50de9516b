"""Random returns whose figures agree, and the slips that are planted in them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from schemas.forms import FIELDS
from schemas.forms.model import Sum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    Figures = dict[str, Fraction | None]

COLUMNS = ("outturn", "budget", "prior_outturn")
LINES = (
    "basic", "general_cut", "three_public", "vehicles", "vehicle_purchase", "vehicle_running", "reception", "overseas",
    "project", "project_operations", "project_maintenance", "project_county", "procurement",
)  # fmt: skip
CENT = Fraction(1, 100)


def consistent(random: Random, *, last_year: bool) -> Figures:
    """Draw the figures of a return that agree with each other to the cent, with last year's report where asked."""
    found: Figures = {}
    factors = {"outturn": 1.0, "budget": random.uniform(1.02, 1.3), "prior_outturn": random.uniform(0.7, 0.97)}
    sizes = {line: random.lognormvariate(0, 0.5) for line in LINES}
    for column, factor in factors.items():

        def draw(line: str, typical: float, factor: float = factor) -> Fraction:
            return Fraction(round(100 * typical * sizes[line] * factor * random.uniform(0.93, 1.07))) * CENT

        own = {
            "vehicle_purchase": draw("vehicle_purchase", 17) if random.random() < 0.3 else Fraction(0),
            "vehicle_running": draw("vehicle_running", 6.3),
            "reception": draw("reception", 2.4),
            "overseas": draw("overseas", 5) if random.random() < 0.15 else Fraction(0),
            "project_operations": draw("project_operations", 160),
            "project_maintenance": draw("project_maintenance", 45),
            "project_county": draw("project_county", 90),
        }
        own["vehicles"] = own["vehicle_purchase"] + own["vehicle_running"]
        own["three_public"] = own["vehicles"] + own["reception"] + own["overseas"]
        own["project"] = own["project_operations"] + own["project_maintenance"] + own["project_county"]
        own["basic"] = draw("basic", 480) + own["three_public"]
        own["general_cut"] = draw("general_cut", 9)
        own["procurement"] = draw("procurement", 60)
        found |= {f"{line}_{column}": own[line] for line in LINES}
    basic, project = found["basic_outturn"] or Fraction(0), found["project_outturn"] or Fraction(0)
    three = found["three_public_outturn"] or Fraction(0)
    operating = three + (basic - three) * Fraction(random.randint(20, 40), 100)
    operating = Fraction(round(operating * 100), 100)
    budget = (found["basic_budget"] or Fraction(0)) + (found["project_budget"] or Fraction(0))
    income = {
        name: Fraction(round(float(budget) * random.uniform(1, 8)), 100) for name in ("income_fund", "income_carryover")
    }
    posts = random.randint(12, 90)
    found |= {
        "spending_basic": basic, "spending_project": project, "spending_three_public": three,
        "spending_operating": operating, "spending_personnel": basic - operating,
        "funds_executed": basic + project, "funds_budget": budget, **income,
        "income_general": budget - sum(income.values(), Fraction(0)),
        "income_nontax": Fraction(0), "income_other": None,
        "authorised_posts": Fraction(posts), "staff_in_post": Fraction(posts - random.randint(0, posts // 8)),
    }  # fmt: skip
    if last_year:
        found |= {f"last_{line}_outturn": found[f"{line}_prior_outturn"] for line in LINES}
    return found


def text(value: Fraction) -> str:
    """Write a figure as it is typed: no zeros behind, no point where none is needed."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


Slip = "Callable[[Random, Figures], tuple[str, ...]]"


def _typed(change: Callable[[Random, str], str]) -> Callable[[Random, Figures], tuple[str, ...]]:
    """Plant a slip of typing in one amount that is not 0; give its field."""

    def plant(random: Random, figures: Figures) -> tuple[str, ...]:
        names = [name for name, value in figures.items() if value and value >= 1 and not name.startswith("last_")]
        for _ in range(50):
            name = random.choice([each for each in names if each not in ("authorised_posts", "staff_in_post")])
            old = figures[name]
            assert old is not None
            typed = change(random, text(old))
            if typed and typed not in ("-", ".") and Fraction(typed) != old:
                figures[name] = Fraction(typed)
                return (name,)
        return ()

    return plant


def _dropped(random: Random, typed: str) -> str:
    at = random.choice([at for at, mark in enumerate(typed) if mark.isdigit()])
    return (typed[:at] + typed[at + 1 :]).removesuffix(".")


def _doubled(random: Random, typed: str) -> str:
    at = random.choice([at for at, mark in enumerate(typed) if mark.isdigit()])
    return typed[:at] + typed[at] + typed[at:]


def _swapped(random: Random, typed: str) -> str:
    at = random.choice([at for at in range(len(typed) - 1) if typed[at].isdigit() and typed[at + 1].isdigit()] or [0])
    return typed[:at] + typed[at + 1 : at + 2] + typed[at] + typed[at + 2 :]


def _mistyped(random: Random, typed: str) -> str:
    at = random.choice([at for at, mark in enumerate(typed) if mark.isdigit()])
    return typed[:at] + random.choice("0123456789") + typed[at + 1 :]


def _inserted(random: Random, typed: str) -> str:
    at = random.randint(0, len(typed))
    return typed[:at] + random.choice("0123456789") + typed[at:]


def _times(factor: Fraction) -> Callable[[Random, str], str]:
    def change(_: Random, typed: str) -> str:
        value = Fraction(typed) * factor
        return f"{float(value):.6f}".rstrip("0").rstrip(".")

    return change


def _set(
    name: str, value: Callable[[Random, Figures], Fraction | None]
) -> Callable[[Random, Figures], tuple[str, ...]]:
    def plant(random: Random, figures: Figures) -> tuple[str, ...]:
        new = value(random, figures)
        if new == figures[name]:
            return ()
        figures[name] = new
        return (name,)

    return plant


def _totals(figures: Figures) -> list[tuple[str, tuple[str, ...]]]:
    sums = [(name, field.derived.parts) for name, field in FIELDS.items() if isinstance(field.derived, Sum)]
    return [(name, parts) for name, parts in sums if figures.keys() >= {name, *parts}]


def _sum_by_hand(random: Random, figures: Figures) -> tuple[str, ...]:
    name, _ = random.choice(_totals(figures))
    old = figures[name]
    assert old is not None
    figures[name] = old + Fraction(random.choice([-1, 1]) * random.randint(2, max(3, int(old * 10))), 100)
    return (name,) if (figures[name] or 0) >= 0 else ()


def _item_left_out(random: Random, figures: Figures) -> tuple[str, ...]:
    name, parts = random.choice(_totals(figures))
    item = figures[random.choice(parts)]
    if not item:
        return ()
    figures[name] = (figures[name] or Fraction(0)) - item
    return (name,)


def _item_twice(random: Random, figures: Figures) -> tuple[str, ...]:
    name, parts = random.choice(_totals(figures))
    item = figures[random.choice(parts)]
    if not item:
        return ()
    figures[name] = (figures[name] or Fraction(0)) + item
    return (name,)


def _whole(random: Random, figures: Figures) -> tuple[str, ...]:
    name, _ = random.choice(_totals(figures))
    old = figures[name]
    assert old is not None
    figures[name] = whole = Fraction(round(old))
    return (name,) if abs(whole - old) > Fraction(5, 100) else ()


def _omitted(random: Random, figures: Figures) -> tuple[str, ...]:
    name = random.choice(
        [f"{line}_{column}" for line in ("vehicle_running", "reception", "project_operations") for column in COLUMNS]
    )
    figures[name] = None
    return (name,)


def _exchanged(first: str, second: str) -> Callable[[Random, Figures], tuple[str, ...]]:
    def plant(random: Random, figures: Figures) -> tuple[str, ...]:
        column, line = random.choice(COLUMNS), random.choice(LINES)
        a, b = (each.format(line=line, column=column) for each in (first, second))
        if figures.get(a) == figures.get(b) or not figures.get(a) or not figures.get(b):
            return ()
        figures[a], figures[b] = figures[b], figures[a]
        return a, b

    return plant


def _copied(to: str, of: str) -> Callable[[Random, Figures], tuple[str, ...]]:
    def plant(_: Random, figures: Figures) -> tuple[str, ...]:
        for line in LINES:
            figures[f"{line}_{to}"] = figures[f"{line}_{of}"]
        return tuple(f"{line}_{to}" for line in LINES)

    return plant


def _copied_cell(of: str) -> Callable[[Random, Figures], tuple[str, ...]]:
    def plant(random: Random, figures: Figures) -> tuple[str, ...]:
        line = random.choice(LINES)
        if figures[f"{line}_outturn"] == figures[f"{line}_{of}"]:
            return ()
        figures[f"{line}_outturn"] = figures[f"{line}_{of}"]
        return (f"{line}_outturn",)

    return plant


def _shifted(step: int) -> Callable[[Random, Figures], tuple[str, ...]]:
    def plant(random: Random, figures: Figures) -> tuple[str, ...]:
        column = random.choice(COLUMNS)
        start = random.randint(0, 5)
        names = [f"{line}_{column}" for line in LINES[start:]]
        values = [figures[name] for name in names]
        moved = [None, *values[:-1]] if step > 0 else [*values[1:], None]
        figures |= dict(zip(names, moved, strict=True))
        return tuple(name for name, old, new in zip(names, values, moved, strict=True) if old != new)

    return plant


def _annex_1_2_of_last_year(_: Random, figures: Figures) -> tuple[str, ...]:
    """Plant last year's spending in all of 附件1-2, which agrees with itself."""
    names = ("spending_basic", "spending_project", "spending_three_public")
    new = {name: figures[f"{name.removeprefix('spending_')}_prior_outturn"] or Fraction(0) for name in names}
    share = (figures["spending_operating"] or Fraction(0)) / (figures["spending_basic"] or Fraction(1))
    new["spending_operating"] = Fraction(round(new["spending_basic"] * share * 100), 100)
    new["spending_personnel"] = new["spending_basic"] - new["spending_operating"]
    new["funds_executed"] = new["spending_basic"] + new["spending_project"]
    return _put(figures, new)


def _spending_of_last_year(_: Random, figures: Figures) -> tuple[str, ...]:
    """Plant last year's 基本支出 and 项目支出 in 附件1-2, whose items and total are this year's."""
    return _put(figures, {f"spending_{name}": figures[f"{name}_prior_outturn"] for name in ("basic", "project")})


def _put(figures: Figures, values: Mapping[str, Fraction | None]) -> tuple[str, ...]:
    changed = tuple(name for name, value in values.items() if figures[name] != value)
    figures |= values
    return changed


def _line_in_yuan(random: Random, figures: Figures) -> tuple[str, ...]:
    line = random.choice(("three_public", "vehicles", "vehicle_running", "reception"))
    return _put(
        figures, {f"{line}_{column}": (figures[f"{line}_{column}"] or Fraction(0)) * 10000 for column in COLUMNS}
    )


def _subtotal(value: Fraction | None) -> Callable[[Random, Figures], tuple[str, ...]]:
    def plant(random: Random, figures: Figures) -> tuple[str, ...]:
        return _put(figures, {f"{random.choice(('vehicles', 'three_public'))}_{random.choice(COLUMNS)}": value})

    return plant


def _item_with_another(_: Random, figures: Figures) -> tuple[str, ...]:
    both = (figures["income_general"] or Fraction(0)) + (figures["income_fund"] or Fraction(0))
    return _put(figures, {"income_general": both})


SLIPS: dict[str, Callable[[Random, Figures], tuple[str, ...]]] = {
    "a digit dropped": _typed(_dropped),
    "a digit doubled": _typed(_doubled),
    "two digits swapped": _typed(_swapped),
    "one digit mistyped": _typed(_mistyped),
    "a digit inserted": _typed(_inserted),
    "a zero behind": _typed(lambda _, typed: typed + "0" if "." not in typed else ""),
    "the point forgotten": _typed(lambda _, typed: typed.replace(".", "")),
    "point moved right": _typed(_times(Fraction(10))),
    "point moved right twice": _typed(_times(Fraction(100))),
    "point moved left": _typed(_times(Fraction(1, 10))),
    "point moved left twice": _typed(_times(Fraction(1, 100))),
    "元 for 万元": _typed(_times(Fraction(10000))),
    "in 千元": _typed(_times(Fraction(10))),
    "minus sign": _typed(lambda _, typed: "-" + typed),
    "outturn and budget exchanged": _exchanged("{line}_outturn", "{line}_budget"),
    "outturn and last outturn exchanged": _exchanged("{line}_outturn", "{line}_prior_outturn"),
    "budget and last outturn exchanged": _exchanged("{line}_budget", "{line}_prior_outturn"),
    "vehicles and reception exchanged": _exchanged("vehicles_{column}", "reception_{column}"),
    "basic and project exchanged": _exchanged("basic_{column}", "project_{column}"),
    "line shifted down": _shifted(1),
    "line shifted up": _shifted(-1),
    "outturn copied from budget": _copied("outturn", "budget"),
    "outturn copied from last year": _copied("outturn", "prior_outturn"),
    "budget copied from outturn": _copied("budget", "outturn"),
    "last year copied from outturn": _copied("prior_outturn", "outturn"),
    "one outturn copied from budget": _copied_cell("budget"),
    "one outturn copied from last year": _copied_cell("prior_outturn"),
    "a sum typed by hand": _sum_by_hand,
    "a sum without an item": _item_left_out,
    "a sum with an item twice": _item_twice,
    "a sum in whole 万元": _whole,
    "an item left blank": _omitted,
    "附件1-2 of last year": _annex_1_2_of_last_year,
    "spending in 附件1-2 of last year": _spending_of_last_year,
    "executed copied from the budget": _set("funds_executed", lambda _, figures: figures["funds_budget"]),
    "三公 in 附件1-2 copied from the budget": _set(
        "spending_three_public", lambda _, figures: figures["three_public_budget"]
    ),
    "a thousands comma as the point": _typed(_times(Fraction(1, 1000))),
    "a line in 元": _line_in_yuan,
    "a subtotal of 0": _subtotal(Fraction(0)),
    "a subtotal left blank": _subtotal(None),
    "an item with another one in it": _item_with_another,
    "an item of 附件1-2 left blank": _set("spending_personnel", lambda *_: None),
}
