"""Forms as other offices print them are read to what stands in them, and what is said of them is true."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.indicated import cases
from tests.support.printed import said

FILINGS = cases("filings")["case"]
NOTHING = re.compile("“”|（）|[:：]）|nan|None")
"""What a message shows where it speaks of nothing."""


@pytest.mark.parametrize("case", FILINGS, ids=[case["id"] for case in FILINGS])
def test_a_printed_form_is_read_as_it_is_meant(case: dict[str, Any]) -> None:
    """The facts, the rows and the findings of each case are those that a reader of the sheet expects."""
    got = said("filings")[case["id"]]
    assert bool(got.reading.reason) is case.get("rejected", False), got.reading.reason
    facts = got.facts()
    for field, value in case.get("facts", {}).items():
        assert facts.get(field) == (None if value == "blank" else value), field
    for expected, row in zip(case["rows"], got.rows.to_dict("records"), strict=True) if "rows" in case else ():
        shown = {name: _shown(row[name], value) for name, value in expected.items()}
        assert shown == expected
    at = set(got.findings["rule"])
    for mark, column in (("@", "cell"), ("：", "expected")):
        at |= {f"{rule}{mark}{each}" for rule, each in zip(got.findings["rule"], got.findings[column], strict=True)}
    assert set(case.get("found", ())) - at == set()
    assert set(case.get("not_found", ())) & at == set()
    said_of = got.findings.groupby("rule")
    for rule, words in case.get("says", {}).items():
        messages = said_of.get_group(rule)["message"].tolist()
        for each in words:
            assert any(each in message for message in messages), messages
    for rule, sheet in case.get("sheets", {}).items():
        assert set(said_of.get_group(rule)["sheet"]) == {sheet}
    assert not [message for message in got.findings["message"] if NOTHING.search(message)]


def test_an_amount_in_the_unit_of_the_form_keeps_what_was_filed() -> None:
    """F040: 387664.62 below 项目资金（元） is 38.766462万元 wherever it is shown, beside what the cell holds."""
    found = said("filings")["F040"]
    facts = {fact.field: (fact.raw, fact.value, fact.shown, fact.cell) for fact in found.reading.facts}
    assert facts["funds_budget"] == ("387664.62", 38.766462, "38.766462", "E5")
    (message,) = found.findings.loc[found.findings["rule"].eq("unit_converted"), "message"]
    assert "“项目资金(元)”" in message


def _shown(found: Any, expected: Any) -> Any:
    """Give a value as the cases write it: nothing as "blank", numbers without the noise of floats."""
    if found is None or found != found or found == "":  # noqa: PLR0124 - NaN is not itself
        return "blank"
    return round(found, 4) if isinstance(expected, (int, float)) else found
