"""Check that the declaration of a form holds together: widths, names, what derived fields are computed from.

Its other names (`schemas.forms.other_names`) must be of words that the form or another edition of it prints.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from schemas.forms.model import (
    Grid,
    Heads,
    Indicators,
    Line,
    Note,
    Pairs,
    PointsTotal,
    Ratio,
    Strip,
    YearLine,
    fields_of,
)
from schemas.forms.printed_words import printed_words
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from schemas.forms.model import Field, Form, Section


class FormError(ValueError):
    """A form that is declared wrongly; the message lists every mistake with its section."""


def check_form(form: Form) -> None:
    """Check a form's declaration, so that a mistake is told when the program starts and not while it draws.

    Raises:
        FormError: a section does not fill its columns, a name stands twice, or a derived field has no such parts.
    """
    found = [f"{form.key}: {mistake}" for mistake in _mistakes(form)]
    if found:
        raise FormError("\n".join(found))


def check_names(editions: Sequence[Form]) -> None:
    """Check the other names of all editions of a form.

    Raises:
        FormError: a name is of words that no edition prints, stands twice, or stands for two things in one section.
    """
    printed: dict[str, set[str]] = {}
    for form in editions:
        for section in form.flat():
            for what, words in printed_words(section):
                printed.setdefault(what, set()).add(normalise_label(words))
    found = [mistake for form in editions for mistake in _names(form, printed)]
    if found:
        raise FormError("\n".join(dict.fromkeys(found)))


def _names(form: Form, printed: Mapping[str, set[str]]) -> Iterator[str]:
    """Give the mistakes of the other names of one form; ``printed`` are the words of all editions by what they are."""
    for what, listed in form.also.sections.items():
        for words, names in listed.items():
            where = f"{form.also.file}, [{what}] {words}"
            if words not in printed.get(what, ()):
                yield f"{where}: no edition of the form prints these words"
            compared = Counter(normalise_label(name) for name in names)
            yield from (f"{where}: {name} stands {count} times" for name, count in compared.items() if count > 1)
            yield from (f"{where}: {name} is no name" for name in compared if name in {"", words})
    for number, section in enumerate(form.flat(), 1):
        owners: dict[str, str] = {}
        for _, words in printed_words(section, optional=False):
            for name in map(normalise_label, form.names_of(words)):
                other = owners.setdefault(name, normalise_label(words))
                if other != normalise_label(words):
                    yield (
                        f"{form.key}: section {number} ({_called(section)}): "
                        f"{name} stands for both {other} and {normalise_label(words)}"
                    )


def _mistakes(form: Form) -> Iterator[str]:
    for number, section in enumerate(form.sections, 1):
        yield from _section(f"section {number} ({_called(section)})", section, len(form.widths))
    names = Counter(each.name for each in form.fields())
    yield from (f"field {name} is declared {count} times" for name, count in names.items() if count > 1)
    columns = {column.name for column in form.indicators.columns} if form.indicators else set()
    for each in form.fields():
        unknown = _unknown(each, names, columns)
        yield from (f"field {each.name} is computed from {part}, which is no field" for part in unknown)


def _called(section: Section) -> str:
    """Name a section by its type and its first words or field, as a person finds it in the declaration."""
    kind = type(section).__name__
    match section:
        case Strip(words):
            return f"{kind} {words}"
        case Grid(corner):
            return f"{kind} {corner or section.rows[0].words}"
        case Note(text):
            return f"{kind} {text[:10]}"
        case Indicators():
            return kind
    first = next(iter(fields_of(section)), None)
    return f"{kind} {first.label}" if first else kind


def _section(where: str, section: Section, width: int) -> Iterator[str]:
    """Give the mistakes of a section that has so many columns to fill."""
    match section:
        case Strip(_, sections):
            for inner in sections:
                yield from _section(f"{where}, {_called(inner)}", inner, width - 1)
        case Line(parts, spans):
            yield from _spans(where, spans, 2 * len(parts), width)
        case Heads(heads, spans):
            yield from _spans(where, spans, len(heads), width)
        case Grid(_, columns, _, spans):
            yield from _spans(where, spans, 1 + len(columns), width)
        case Indicators(columns, _, spans):
            yield from _spans(where, spans, len(columns), width)
            if set(spans) != {1}:
                yield f"{where}: a column of indicators takes one column of the sheet, spans {spans}"
        case Pairs():
            yield from _pairs(where, section, width)
        case YearLine() | Note():
            pass


def _pairs(where: str, section: Pairs, width: int) -> Iterator[str]:
    """Give the mistakes of pairs: words and values of each line, or words alone over both together."""
    for number, line in enumerate(section.lines, 1):
        filled = any(pair.fields for pair in line)
        cells = sum(1 + len(pair.fields) for pair in line) if filled else 2 * len(line)
        yield from _spans(f"{where}, line {number}", section.spans, cells, width)


def _spans(where: str, spans: Sequence[int], cells: int, width: int) -> Iterator[str]:
    if len(spans) != cells:
        yield f"{where}: {cells} cells, but {len(spans)} spans {tuple(spans)}"
    if sum(spans) != width:
        yield f"{where}: {width} columns to fill, but spans {tuple(spans)} take {sum(spans)}"


def _unknown(asked: Field, known: Container[str], columns: Container[str]) -> list[str]:
    """Give the parts of a derived field that are no field of its form, and no column of its indicators."""
    derived = asked.derived
    if derived is None:
        return []
    if isinstance(derived, Ratio):
        parts: tuple[str, ...] = (derived.numerator, derived.denominator)
    else:
        parts = derived.parts
    missing = [part for part in parts if part not in known]
    if isinstance(derived, PointsTotal) and derived.column not in columns:
        missing.append(derived.column)
    return missing
