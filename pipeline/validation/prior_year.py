"""Put last year's figures beside this year's, and find findings that are repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.lists.prior_year import _GRAVE, _PLACE, Prior
from pipeline.reading.tables import first_findings
from schemas.rules import RULE
from schemas.rules.prior_year import FOUND, NEEDED
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator


def with_last_year(departments: pd.DataFrame, prior: Prior) -> pd.DataFrame:
    """Put last year's figures beside this year's.

    Args:
        departments: one row per department, told by ``department``.
        prior: last year; departments are the same where their names are, spaces and quotes apart.

    Returns:
        The same rows with a float column ``last_<field>`` for each field of `NEEDED`, ``last_carryover`` (万元: last
        year's budget less what was executed of it) and ``last_year`` as text. What is not known is NaN; the year of
        no prior is "".
    """
    known = prior.figures.set_index(prior.figures["department"].map(normalise_label))
    last = known.reindex(index=departments["department"].map(normalise_label), columns=list(NEEDED)).astype(float)
    last = last.add_prefix("last_").set_index(departments.index)
    carryover = (last["last_funds_budget"] - last["last_funds_executed"]).round(6)
    return departments.join(last).assign(last_carryover=carryover, last_year=str(prior.year or ""))


def find_repeated(findings: pd.DataFrame, prior: Prior) -> pd.DataFrame:
    """Find what was pointed out last year and is so again: the same rule at the same field of the same department.

    Notices count in neither year, and a repetition is not itself repeated.

    Args:
        findings: this year's, with the columns of `pipeline.finding.COLUMNS` at least.
        prior: last year.

    Returns:
        Findings of the rule `found_last_year` in the shape of `pipeline.tabulate.first_findings`, each at the first
        cell of its kind. Several rules broken again at one cell are one finding that names them all, for two findings
        of one rule cannot stand at one place.
    """
    before = set(_identities(_grave(prior.findings)))
    if not before:
        return first_findings(())
    found = _grave(findings)
    same = pd.Series([identity in before for identity in _identities(found)], index=found.index, dtype=bool)
    again = found[same].drop_duplicates(["department", "rule", "field"])
    titles = again.assign(label=[RULE[str(rule)].title for rule in again["rule"]])
    places = titles.groupby(_PLACE, sort=False, as_index=False, dropna=False).agg({"label": "”、“".join})
    return places.assign(rule=FOUND.id, stated="", expected="")[list(first_findings(()).columns)].astype(str)


def _grave(findings: pd.DataFrame) -> pd.DataFrame:
    return findings[findings["severity"].isin(_GRAVE) & findings["rule"].ne(FOUND.id)]


def _identities(findings: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    return zip(findings["department"].map(normalise_label), findings["rule"], findings["field"], strict=True)
