"""Whatever a department sends ends as exactly one line, read as it was meant or asked about at its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.evaluate import evaluate
from tests.support import corpus, written

if TYPE_CHECKING:
    from types import SimpleNamespace

    from schemas.policy import Policy


@pytest.fixture(scope="module")
def sent(clean: dict[str, Any], policy: Policy) -> dict[str, corpus.Case]:
    """Give every case by the name of its file."""
    return {f"{number:03d}.{case.ending}": case for number, case in enumerate(corpus.cases(clean, policy))}


@pytest.fixture(scope="module")
def tables(sent: dict[str, corpus.Case], tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> SimpleNamespace:
    """Give the tables of one run over an inbox of all cases."""
    folder = tmp_path_factory.mktemp("inbox")
    for name, case in sent.items():
        (folder / name).write_bytes(case.content)
    return written.tables(evaluate(folder, tmp_path_factory.mktemp("out"), policy).folder)


@pytest.mark.slow
def test_every_file_has_the_outcome_written_beside_it(sent: dict[str, corpus.Case], tables: SimpleNamespace) -> None:
    """Each file is one line with the status of its case, and a refusal has the words of its reason."""
    lines = tables.submissions.set_index("source_file")
    assert sorted(lines.index) == sorted(sent)
    wrong = {
        f"{name} {case.name}": (lines.loc[name, "status"], lines.loc[name, "reason"])
        for name, case in sent.items()
        if lines.loc[name, "status"] != case.status or case.reason not in str(lines.loc[name, "reason"])
    }
    assert wrong == {}


def test_every_value_is_read_as_meant(sent: dict[str, corpus.Case], tables: SimpleNamespace) -> None:
    """Each named field holds the value of its case; one whose words are gone has no value at all."""
    facts = {(row.source_file, row.field): row.value for row in tables.facts.itertuples()}
    wrong = {}
    for name, case in sent.items():
        for field, value in case.values.items():
            found = facts.get((name, field), "absent")
            same = found == pytest.approx(value) if isinstance(value, float) else found == value
            if not same:
                wrong[f"{name} {case.name} {field}"] = (found, value)
    assert wrong == {}


def test_every_row_is_read(sent: dict[str, corpus.Case], tables: SimpleNamespace) -> None:
    """Each return has the indicator rows of its case, hints and blank lines left out."""
    rows = tables.indicators.groupby("source_file")["row"].size().to_dict()
    assert rows == {name: case.rows for name, case in sent.items() if case.status != "rejected"}


def test_every_finding_is_at_its_cell_and_no_other_is_made(
    sent: dict[str, corpus.Case], tables: SimpleNamespace
) -> None:
    """The findings of each file are those of its case, by rule, sheet and cell, and no others."""
    found: dict[str, set[tuple[str, str, str]]] = {name: set() for name in sent}
    for row in tables.findings.itertuples():
        found[str(row.source_file)].add((str(row.rule), str(row.sheet), str(row.cell)))
    wrong = {f"{name} {case.name}": found[name] ^ case.findings for name, case in sent.items()}
    assert {name: odd for name, odd in wrong.items() if odd} == {}


def test_the_corpus_is_large_enough(sent: dict[str, corpus.Case]) -> None:
    """There are at least 120 cases, with each kind of outcome among them."""
    assert len(sent) >= 120
    assert {case.status for case in sent.values()} == {"accepted", "accepted_with_errors", "rejected"}
