"""The pandera schemas of what departments file, of what rules read and of what is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from pandera.errors import SchemaErrors
from pandera.pandas import DataFrameSchema

from pipeline.__main__ import main
from pipeline.cells import address
from pipeline.desk.table_schemas import all_schemas
from pipeline.validation.run_rules import validate
from pipeline.workbooks.form_layout import lay_out
from schemas.enums import Severity
from schemas.forms import FIELDS, VERSIONS
from schemas.forms.annex_1_1 import ANNEX_1_1
from schemas.forms.annex_1_1_v2018 import ANNEX_1_1_EARLIER
from schemas.forms.frame_schema import FILED, form_schema
from schemas.forms.model import NOT_NEGATIVE, WHOLE, Column, Grid, Kind, Row
from schemas.rules import RULES, hold_together
from schemas.rules.model import Rule
from schemas.rules.tables import COUNTY, TABLES, rules_schema
from schemas.tables import ABOVE_COUNTIES
from schemas.tables import TABLES as WRITTEN

if TYPE_CHECKING:
    from schemas.forms.model import Form
    from schemas.policy import Policy

FORMS = [form for versions in VERSIONS for form in versions]


def one_row(form: Form, **values: object) -> pd.DataFrame:
    """Give the table of one department that filed nothing but these values."""
    return pd.DataFrame(
        {
            field.name: pd.Series([values.get(field.name)], dtype="float64" if field.kind.numeric else "str")
            for field in form.fields()
        }
    )


def failures(form: Form, **values: object) -> set[tuple[str, str]]:
    """Give column and check of what the schema of a form finds in the return of one department."""
    try:
        form_schema(form).validate(one_row(form, **values), lazy=True)
    except SchemaErrors as errors:
        return set(zip(errors.failure_cases["column"], errors.failure_cases["check"], strict=True))
    return set()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_each_field_of_a_form_is_a_named_column(form: Form) -> None:
    """The schema of an annex has one column a field, in the order of the form, titled as people call the field."""
    schema = form_schema(form, {form.fields()[-1].name: "B99"})
    assert list(schema.columns) == [field.name for field in form.fields()]
    assert [column.title for column in schema.columns.values()] == [field.label for field in form.fields()]
    assert str(schema.columns[form.fields()[-1].name].description).endswith(f"{form.annex} B99")


def test_all_versions_together_declare_each_field_once() -> None:
    """The table of departments has a column for every field of every version."""
    assert list(FILED) == list(FIELDS)


def test_a_blank_return_breaks_no_check_of_a_field() -> None:
    """What is blank is neither negative nor a fraction."""
    assert {form.key: failures(form) for form in FORMS} == {form.key: set() for form in FORMS}


@pytest.mark.parametrize(
    ("value", "amount", "count"),
    [(0.0, set(), set()), (2.0, set(), set()), (1.5, set(), {WHOLE}), (-1.0, {NOT_NEGATIVE}, {NOT_NEGATIVE}),
     (-0.5, {NOT_NEGATIVE}, {NOT_NEGATIVE, WHOLE})],
)  # fmt: skip
def test_a_number_is_checked_by_its_kind(value: float, amount: set[str], count: set[str]) -> None:
    """No amount is negative; a count is whole too."""
    for name, expected in (("basic_outturn", amount), ("staff_in_post", count)):
        assert failures(ANNEX_1_1, **{name: value}) == {(name, check) for check in expected}


def test_each_rule_with_a_check_is_a_named_check_of_its_table(policy: Policy) -> None:
    """The schemas of the tables that rules read carry the whole register, each rule under a name of its own."""
    everywhere = {rule.name: np.array([True]) for rule in RULES}
    schemas = [rules_schema(schema, RULES, policy, pd.DataFrame(), everywhere) for schema in TABLES.values()]
    named = [str(check.name) for schema in schemas for check in schema.checks]
    assert len(set(named)) == len(named)
    assert set(named) == {rule.name for rule in RULES if rule.check}


def test_a_rule_that_cannot_be_run_is_no_finding(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that raises, or leaves a row open, is a mistake of the program and stops it."""
    table = pd.DataFrame({"department": pd.Series(["甲"], dtype="str"), "claimed": [1.0]}).reindex(
        columns=list(COUNTY.columns)
    )
    table = table.astype({name: column.dtype.type for name, column in COUNTY.columns.items()})
    facts = pd.DataFrame(
        columns=["department", "field", "label", "raw", "shown", "sheet", "cell", "source_file"], dtype="str"
    )
    first = pd.DataFrame(columns=["rule"])
    for check in (lambda table, _: table["no such column"] > 0, lambda table, _: table["claimed"]):
        rule = Rule("broken", Severity.ERROR, "", "", "", "", COUNTY.name or "", "total_points", check)
        monkeypatch.setattr("pipeline.validation.run_rules.in_force", lambda _, rule=rule: (rule,))
        applies = {rule.name: rule.applies(table, policy)}
        with pytest.raises(SchemaErrors, match=r"broken:total_points"):
            validate({"county": table, "departments": table.head(0)}, applies, first, facts, policy)


@pytest.mark.parametrize("table", [*WRITTEN.values(), *ABOVE_COUNTIES.values()], ids=lambda table: table.title)
def test_every_written_column_says_what_it_is(table: DataFrameSchema) -> None:
    """Each column of a table that is written has a Chinese title, no two of a table the same, and a key of its own."""
    columns = table.columns
    titles = [column.title for column in columns.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)
    assert set(table.unique or ()) <= set(columns)


def test_the_command_prints_every_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """`jixiao schemas` names each table with its columns, one a line."""
    assert main(["schemas"]) == 0
    told = capsys.readouterr().out
    for name, schema in all_schemas().items():
        assert f"{name} {schema.title}：" in told
    field = FIELDS["basic_outturn"]
    cell = address(lay_out(ANNEX_1_1, None, {}).places[field.name])
    assert f"    {field.name} float64 可空 ge 0 {field.label} 万元；{ANNEX_1_1.annex} {cell}\n" in told


@pytest.mark.parametrize("name", [ANNEX_1_1.key, "summary"])
def test_another_system_can_read_a_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What `jixiao schemas 表 --json` prints is read by pandera, with the same columns and titles."""
    assert main(["schemas", name, "--json"]) == 0
    read = DataFrameSchema.from_json(capsys.readouterr().out)
    schema = all_schemas()[name]
    assert {key: column.title for key, column in read.columns.items()} == {
        key: column.title for key, column in schema.columns.items()
    }


def test_a_table_there_is_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is none ends with status 2 and names what may have been meant."""
    assert main(["schemas", "sumary"]) == 2
    assert "summary" in capsys.readouterr().err


# ---------------------------------------------------------------------- declarations hold themselves


def test_a_sum_of_rows_that_are_not_there_is_named() -> None:
    """A row of a grid is the sum of rows of the same grid only."""
    with pytest.raises(ValueError, match=r"Grid “经费”.*vehicles"):
        Grid(
            "经费",
            (Column("budget", "预算数", Kind.AMOUNT),),
            (Row("three_public", "三公", "三公", ("vehicles",)),),
            (1, 1),
        )


def test_the_form_of_2018_stays_as_it_was_when_todays_grows() -> None:
    """The amounts of 2018 are three, named here as then, whatever columns the form of today has."""
    (grid,) = (section for section in ANNEX_1_1_EARLIER.flat() if isinstance(section, Grid))
    assert [column.name for column in grid.columns] == ["prior_outturn", "budget", "outturn"]


def test_a_rule_that_points_nowhere_is_named() -> None:
    """A rule of the register points to a field or column that its table has, and no two of one id to the same."""
    rule = next(rule for rule in RULES if rule.check)
    for wrong, what in ((replace(rule, at="nowhere"), "nowhere"), (replace(rule, table="none"), "none")):
        with pytest.raises(ValueError, match=f"rule {rule.id}.*{what}"):
            hold_together((wrong,))
    with pytest.raises(ValueError, match=f"rule {rule.id}: two rules"):
        hold_together((rule, rule))
