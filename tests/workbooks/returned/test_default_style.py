"""The default style of a workbook holds for cells without one of their own, in what is read and in what goes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from pipeline.reading.read import read
from tests.conftest import evaluated_files
from tests.reading.test_versions import with_members
from tests.support import filed
from tests.workbooks.returned.test_returned import members, sent_back

if TYPE_CHECKING:
    from schemas.policy import Policy

CODES = ["General", "0.00", "0.00%", 'yyyy"年"m"月"d"日"', "m/d", '0"万元"', "0.0,", ";;;", "0.0_ ;(0.0)", "[DBNum1]0"]


def restyled(content: bytes, code: str, bare: int) -> bytes:
    """Give the default style another number format, and every ``bare``-th cell no style of its own."""
    parts = members(content)
    styles = parts["xl/styles.xml"]
    found = f'<numFmts count="1"><numFmt numFmtId="199" formatCode={quoteattr(code)}/></numFmts>'.encode()
    styles = re.sub(rb"<numFmts.*?</numFmts>", b"", styles).replace(b"<fonts", found + b"<fonts", 1)
    before, cells = styles.split(b"<cellXfs", 1)
    changed: dict[str, str | bytes] = {}
    changed["xl/styles.xml"] = before + b"<cellXfs" + re.sub(rb'numFmtId="\d+"', b'numFmtId="199"', cells, count=1)
    for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        pieces = re.split(rb'(?<=<c r=")([A-Z]+\d+") s="\d+"', parts[name])
        kept = re.findall(rb'<c r="[A-Z]+\d+"( s="\d+")', parts[name])
        whole = pieces[0]
        for number, (address, rest) in enumerate(zip(pieces[1::2], pieces[2::2], strict=True)):
            whole += address + (b"" if number % bare == 0 else kept[number]) + rest
        changed[name] = whole
    return with_members(content, changed)


def said(content: bytes) -> Any:
    """Give what is read of a return."""
    found = read("某局.xlsx", content, 2021)
    rows = [(row["target"], row["actual"], row["filed_weight"], row["filed_self_points"]) for row in found.indicators]
    return [(fact.field, fact.value, fact.doubtful, fact.shown) for fact in found.facts], rows


@settings(max_examples=12, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CODES), st.integers(1, 4))
@example('yyyy"年"m"月"d"日"', 1)
@pytest.mark.slow
def test_a_returned_workbook_reads_as_the_filed_one_does(
    seed: dict[str, Any], policy: Policy, code: str, bare: int
) -> None:
    """Whatever format the default style has, what goes back and is sent again untouched says the same."""
    content = restyled(filed.workbook(seed), code, bare)
    assume(not read("某局.xlsx", content, 2021).reason)  # a form of which ;;; shows nothing is refused, and stays away
    assert said(sent_back(content, policy)) == said(content)


def test_a_default_style_that_shows_dates_makes_numbers_dates(seed: dict[str, Any], policy: Policy) -> None:
    """Numbers that show as dates are asked about, in the filed workbook and in the returned one."""
    content = restyled(filed.workbook(seed), 'yyyy"年"m"月"d"日"', 1)
    found = [evaluated_files({"某局": each}, policy) for each in (content, sent_back(content, policy))]
    first, second = (each.summary["points"].tolist() for each in found)
    assert first == second
    assert all("value_unreadable" in set(each.findings["rule"]) for each in found)
    plain = restyled(filed.workbook(seed), "General", 1)
    assert evaluated_files({"某局": plain}, policy).summary["points"].tolist() == [76.02]
