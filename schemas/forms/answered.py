"""The forms with what the bureau has answered: a text on a sheet is the head or row that the form calls so."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from schemas.forms import VERSIONS
from schemas.forms.printed_words import printed_words
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from schemas.forms.model import Form, OtherNames

NOT_OURS = "都不是"
"""The answer that a text is no head and no row of the form."""


class Answer(NamedTuple):
    """What the bureau says of a text that stands on a sheet in the place of words of an annex.

    Attributes:
        annex: of which annex, 附件1-2.
        words: the text, as it stands on the sheet.
        meant: the words of the form that are meant, under any of their names; `NOT_OURS` for none of them.
        offices: the names of the department, as they compare, whose returns it holds for; () for every department.
    """

    annex: str
    words: str
    meant: str
    offices: tuple[str, ...] = ()


Answers = tuple[Answer, ...]


def is_meant(annex: str, words: str) -> bool:
    """Tell whether an annex prints some words, in any edition and under any of their names."""
    return any(True for form in _of_annex(annex) for _ in _labels(form, words))


def annexes() -> tuple[str, ...]:
    """Give what the annexes are called."""
    return tuple(editions[0].annex for editions in VERSIONS)


def holding_for(answers: Iterable[Answer], offices: Iterable[str]) -> Answers:
    """Give the answers that hold for a department of these names, as they compare, and those for every one."""
    own = set(offices)
    return tuple(each for each in answers if not each.offices or own.intersection(each.offices))


@lru_cache(maxsize=128)
def with_answers(answers: Answers) -> tuple[tuple[Form, ...], ...]:
    """Give the editions of each annex under the names that the answers give to their words."""
    if not answers:
        return VERSIONS
    return tuple(tuple(_answered(form, answers) for form in editions) for editions in VERSIONS)


def _answered(form: Form, answers: Answers) -> Form:
    """Give a form with the answers on its annex."""
    mine = [each for each in answers if each.annex == form.annex]
    if not mine:
        return form
    sections = {what: dict(names) for what, names in form.also.sections.items()}
    for each in mine:
        for what, words in _labels(form, each.meant):
            names = sections.setdefault(what, {})
            names[words] = tuple(dict.fromkeys((*(names.get(words) or form.also.of(words)), each.words)))
    foreign = frozenset(normalise_label(each.words) for each in mine if each.meant == NOT_OURS)
    return replace(form, also=_with(form.also, sections, foreign))


def _with(also: OtherNames, sections: Mapping[str, dict[str, tuple[str, ...]]], foreign: frozenset[str]) -> OtherNames:
    frozen = MappingProxyType({what: MappingProxyType(names) for what, names in sections.items()})
    return replace(also, sections=frozen, not_ours=also.not_ours | foreign)


def _labels(form: Form, words: str) -> Iterator[tuple[str, str]]:
    """Give the words of a form that are called so, as they compare, and what of the form they are."""
    sought = normalise_label(words)
    exact = [each for each in _printed(form) if each[1] == sought]
    named = (
        (what, own)
        for what, own in _printed(form)
        if sought in map(normalise_label, form.also.sections[what].get(own, ()))
    )
    yield from exact or named


def _printed(form: Form) -> list[tuple[str, str]]:
    found = ((what, normalise_label(words)) for section in form.flat() for what, words in printed_words(section))
    return list(dict.fromkeys(found))


def _of_annex(annex: str) -> tuple[Form, ...]:
    return next((editions for editions in VERSIONS if editions[0].annex == annex), ())
