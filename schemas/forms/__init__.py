"""The annexes of the circular, in the order in which they are filed, and the versions that are still read."""

from schemas.forms.annex_1_1 import ANNEX_1_1
from schemas.forms.annex_1_1_v2018 import ANNEX_1_1_EARLIER
from schemas.forms.annex_1_2 import ANNEX_1_2
from schemas.forms.annex_1_2_chongqing import ANNEX_1_2_CHONGQING
from schemas.forms.annex_1_2_hunan import ANNEX_1_2_HUNAN
from schemas.forms.annex_1_2_national import ANNEX_1_2_NATIONAL
from schemas.forms.check_form import check_form, check_names
from schemas.forms.model import Field, Form, Indicators, Sum

FORMS: tuple[Form, ...] = (ANNEX_1_1, ANNEX_1_2)
"""The annexes of today: what is sent out."""
VERSIONS: tuple[tuple[Form, ...], ...] = (
    (ANNEX_1_1, ANNEX_1_1_EARLIER),
    (ANNEX_1_2, ANNEX_1_2_HUNAN, ANNEX_1_2_NATIONAL, ANNEX_1_2_CHONGQING),
)
"""What is read, annex by annex: today's first, then the earlier ones."""
for _versions in VERSIONS:
    for _form in _versions:
        check_form(_form)
    check_names(_versions)
BY_KEY: dict[str, Form] = {form.key: form for versions in VERSIONS for form in versions}
FIELDS: dict[str, Field] = {
    found.name: found for versions in VERSIONS for form in reversed(versions) for found in form.fields()
}
"""Every field of every version; the words are those of today's where it has the field."""


def parts_of(total: str) -> tuple[str, ...]:
    """Give the fields whose sum a field is, as the forms declare it."""
    derived = FIELDS[total].derived
    if not isinstance(derived, Sum):
        raise TypeError(f"{total} is no sum of other fields")
    return derived.parts


def _indicators() -> Indicators:
    found = [form.indicators for form in FORMS if form.indicators]
    return found[0]


INDICATORS: Indicators = _indicators()
"""The one table of indicators of the circular."""
