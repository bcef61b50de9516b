"""Make last year's results of the county, which agree with the prior-year figures of this year's returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from pipeline.demo.county import choose_members, draw_faultless, draw_filed
from pipeline.demo.faults import FAULTS
from pipeline.demo.returns import random_for
from pipeline.lists import prior_year
from pipeline.output import csv
from pipeline.output import files as output_files
from pipeline.reading.workbook import address
from pipeline.workbooks.form_layout import form_words, lay_out
from schemas import policy as policies
from schemas.enums import Standing
from schemas.file_names import RECORD
from schemas.forms import FIELDS, FORMS
from schemas.rules import RULE
from schemas.rules.prior_year import NEEDED
from schemas.tables import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.policy import Policy

_FOUND_BEFORE, _CHANGED_SINCE = 0.3, 0.05


def write_prior_results(year: int, seed: int, count: int) -> dict[str, bytes]:
    """Make last year's results as far as `pipeline.lists.prior_year.load` reads them.

    Figures are the prior-year figures of this year's returns, except for a few departments that changed them. Some of
    this year's faults were already found then.

    Args:
        year: this year; the results are of the year before.
        seed: which county.
        count: how many departments it has.
    """
    made = list(_unwritten(seed, count, year))
    places = _places(policies.load(year))
    facts = [fact for each in made for fact in _facts(seed, each, places)]
    findings = [finding for each in made for finding in _findings(seed, each)]
    return {
        RECORD: output_files.to_json({"policy": {"year": year - 1}}),
        prior_year.FACTS: csv.csv(pd.DataFrame(facts, columns=COLUMNS["facts"], dtype=str)),
        prior_year.FINDINGS: csv.csv(pd.DataFrame(findings, columns=COLUMNS["findings"], dtype=str)),
    }


class _Before(NamedTuple):
    """A department last year: its figures, and the faults that it makes this year."""

    name: str
    figures: dict[str, float]
    faults: list[str]


def _unwritten(seed: int, count: int, year: int) -> Iterator[_Before]:
    """Give last year's figures of all departments that report this year, as in their returns without faults."""
    policy = policies.load(year)
    for office in choose_members(seed, count).sending:
        honest = draw_faultless(seed, office, policy).fields
        executed = round(honest["basic_prior_outturn"] + honest["project_prior_outturn"], 2)
        known: dict[str, Any] = {
            name: honest[name.replace("_outturn", "_prior_outturn")] for name in NEEDED if name.endswith("_outturn")
        }
        known |= {"authorised_posts": honest["authorised_posts"], "funds_executed": executed}
        known["funds_budget"] = round(executed + honest["income_carryover"], 2)
        yield _Before(office.name, known, draw_filed(seed, office, policy).faults)


def _facts(seed: int, before: _Before, places: dict[str, tuple[str, str]]) -> Iterator[dict[str, str]]:
    random = random_for(seed, before.name, "last year")
    changed = random.choice(list(NEEDED)) if random.random() < _CHANGED_SINCE else ""
    for name, figure in before.figures.items():
        value = figure + random.randint(2, 9) if name == changed else figure
        sheet, cell = places[name]
        shown = f"{value:.12g}"
        yield {
            "department": before.name,
            "field": name,
            "label": FIELDS[name].label,
            "raw": shown,
            "value": shown,
            "sheet": sheet,
            "cell": cell,
            "source_file": f"{before.name}.xlsx",
            "shown": shown,
        }


def _findings(seed: int, before: _Before) -> Iterator[dict[str, str]]:
    """Give last year's findings: some of the faults that are made again this year."""
    random = random_for(seed, before.name, "found last year")
    for fault in FAULTS:
        if fault.rule in before.faults and random.random() < _FOUND_BEFORE:
            rule = RULE[fault.rule]
            yield dict.fromkeys(COLUMNS["findings"], "") | {
                "department": before.name,
                "rule": rule.id,
                "severity": rule.severity.value,
                "field": fault.at,
                "message": rule.title,
                "remedy": rule.remedy,
                "source_file": f"{before.name}.xlsx",
                "standing": Standing.COUNTED.value,
            }


def _places(policy: Policy) -> dict[str, tuple[str, str]]:
    """Give sheet and cell of every field of the blank form."""
    laid = [(form, lay_out(form, None, form_words(policy))) for form in FORMS]
    return {name: (form.sheet, address(cell)) for form, layout in laid for name, cell in layout.places.items()}
