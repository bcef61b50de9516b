"""Rows of tables as plain values: those of one department are the same whether taken alone or out of all rows."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.frames import RowsByDepartment, records

ROWS = st.lists(st.tuples(st.sampled_from("甲乙丙"), st.none() | st.integers(0, 9), st.none() | st.text(max_size=3)))


@given(ROWS)
def test_the_rows_of_a_department_are_those_of_the_table(rows: list[tuple[str, int | None, str | None]]) -> None:
    """Each department has its rows in the order of the table, blanks as None, also where others stand between them."""
    departments, amounts, texts = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    table = pd.DataFrame(
        {
            "department": pd.Series(departments, dtype="str"),
            "amount": pd.Series(amounts, dtype="float64"),
            "text": pd.Series(texts, dtype="str"),
        }
    )
    found = RowsByDepartment(table)
    assert list(found) == list(dict.fromkeys(departments))
    assert len(found) == len(set(departments))
    for name in found:
        assert found[name] == [
            {"department": of, "amount": amount, "text": text} for of, amount, text in rows if of == name
        ]
        assert found[name] == [row for row in records(table) if row["department"] == name]
