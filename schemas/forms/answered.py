"""The forms with what the bureau has answered: a text on a sheet is the head or row that the form calls so."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from schemas.forms import VERSIONS
from schemas.forms.own_edition import own_edition
from schemas.forms.printed_words import printed_words
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from schemas.forms.model import Form, OtherNames

NOT_OURS = "都不是"
"""The answer that a text is no head and no row of the form."""


class Answer(NamedTuple):
    """What the bureau says of a text that stands on a sheet in the place of words of an annex.

    Attributes:
        annex: of which annex, 附件1-2.
        words: the text, as it stands on the sheet; "" where the bureau's own form does not print the words meant.
        meant: the words of the form that are meant, under any of their names; `NOT_OURS` for none of them.
        offices: the names of the department, as they compare, whose returns it holds for; () for every department.
        part: the part of the form whose words are not printed.
    """

    annex: str
    words: str
    meant: str
    offices: tuple[str, ...] = ()
    part: str = ""


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
    """Give the editions of each annex under the names that the answers give to their words.

    Where the bureau's own form does not print some words, the edition without them is behind the others.
    """
    if not answers:
        return VERSIONS
    return tuple(_editions(editions, answers) for editions in VERSIONS)


def _editions(editions: tuple[Form, ...], answers: Answers) -> tuple[Form, ...]:
    mine = [each for each in answers if each.annex == editions[0].annex]
    # What is answered for one department stands in the place of what is answered for all.
    said = sorted((each for each in mine if each.words), key=lambda each: bool(each.offices))
    named = tuple(_answered(form, said) for form in editions) if said else editions
    absent = tuple((each.part, each.meant) for each in mine if not each.words)
    return (*named, own_edition(named[0], absent)) if absent else named


def _answered(form: Form, answers: Sequence[Answer]) -> Form:
    """Give a form with the answers on its annex, each in the place of what was said of the same text before."""
    sections = {what: dict(names) for what, names in form.also.sections.items()}
    title, foreign = list(form.also.title), set(form.also.not_ours)
    printed = {words for _, words in _printed(form)}
    for each in answers:
        words = normalise_label(each.words)
        meant = list(_labels(form, each.meant))
        foreign.discard(words)
        if each.meant == NOT_OURS:
            foreign.add(words)
        elif normalise_label(each.meant) == normalise_label(form.title):
            title.append(each.words)
        if words not in printed:
            _forget(sections, words)
        for what, label in meant:
            names = sections.setdefault(what, {})
            known = names.get(label) or _with(form.also, sections, frozenset()).of(label)
            names[label] = tuple(dict.fromkeys((*known, each.words)))
    also = replace(form.also, title=tuple(dict.fromkeys(title)))
    return replace(form, also=_with(also, sections, frozenset(foreign)))


def _forget(sections: Mapping[str, dict[str, tuple[str, ...]]], words: str) -> None:
    """Take a text out of the other names of everything."""
    for names in sections.values():
        for label, listed in names.items():
            if words in map(normalise_label, listed):
                names[label] = tuple(name for name in listed if normalise_label(name) != words)


def _with(also: OtherNames, sections: Mapping[str, dict[str, tuple[str, ...]]], foreign: frozenset[str]) -> OtherNames:
    frozen = MappingProxyType({what: MappingProxyType(names) for what, names in sections.items()})
    return replace(also, sections=frozen, not_ours=foreign)


def _labels(form: Form, words: str) -> Iterator[tuple[str, str]]:
    """Give the words of a form that are called so, as they compare, and what of the form they are.

    Words that only another edition prints are among them: what this one prints in their place has their names.
    """
    sought = normalise_label(words)
    sections = form.also.sections
    listed = [(what, label) for what, names in sections.items() for label in names]
    own = list(dict.fromkeys([*_printed(form), *listed]))
    exact = [each for each in own if each[1] == sought]
    yield from exact or [each for each in own if sought in map(normalise_label, sections[each[0]].get(each[1], ()))]


def _printed(form: Form) -> list[tuple[str, str]]:
    found = ((what, normalise_label(words)) for section in form.flat() for what, words in printed_words(section))
    return list(dict.fromkeys(found))


def _of_annex(annex: str) -> tuple[Form, ...]:
    return next((editions for editions in VERSIONS if editions[0].annex == annex), ())
