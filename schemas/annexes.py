"""The annexes of the circular, in the order in which they are filed."""

from schemas.annex_1_1 import ANNEX_1_1
from schemas.annex_1_2 import ANNEX_1_2
from schemas.form import Field, Form, Indicators

FORMS: tuple[Form, ...] = (ANNEX_1_1, ANNEX_1_2)
FIELDS: dict[str, Field] = {found.name: found for form in FORMS for found in form.fields()}


def _indicators() -> Indicators:
    found = [form.indicators for form in FORMS if form.indicators]
    return found[0]


INDICATORS: Indicators = _indicators()
"""The one table of indicators of the circular."""
