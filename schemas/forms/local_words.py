"""The words that a bureau's own forms print: an entry per words of ours, checked, kept as TOML, used as answers."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli_w
from pydantic import Field, RootModel, ValidationError

from schemas.errors import MistakeError
from schemas.forms import FORMS
from schemas.forms.answered import Answer
from schemas.forms.other_names import SECTIONS, NamesBySection
from schemas.forms.others import OTHER_FORMS
from schemas.forms.own_edition import may_be_absent
from schemas.forms.printed_words import Label, labels_of
from schemas.lists.local_words import COLUMNS, TITLE
from schemas.text.normalise import has_chinese, normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schemas.forms.answered import Answers
    from schemas.forms.model import Form

SHORTEST_TITLE, LONGEST = 6, 40
"""Letters of a title, which is looked for inside of texts, and of any words."""


class LocalWordsError(MistakeError):
    """Words of a bureau's forms that cannot be used; the message lists every mistake with its place."""


class Entry(NamedTuple):
    """What the bureau says of words of ours: its own words, and whether its form does not have them.

    ``where`` is the place in what it filled in, in Chinese.
    """

    where: str
    annex: str
    label: Label
    own: tuple[str, ...] = ()
    absent: bool = False


class _LocalForm(NamesBySection):
    title: tuple[str, ...] = ()
    absent: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class _File(RootModel[dict[str, _LocalForm]]):
    """By the id of a form the words of the bureau's."""


# ---------------------------------------------------------------------- what is doubtful


def mistakes(entries: Sequence[Entry]) -> list[str]:
    """Say what is doubtful about entries, each with its place."""
    found = []
    for form in FORMS:
        mine = [each for each in entries if each.annex == form.annex]
        found += [f"{each.where}：{said}" for each in mine for said in _of_one(form, each)]
        found += _of_all(form, mine)
    known = {form.annex for form in FORMS}
    found += [
        f"{each.where}：附表“{each.annex}”不是{'、'.join(sorted(known))}之一"
        for each in entries
        if each.annex not in known
    ]
    return found


def _of_one(form: Form, entry: Entry) -> Iterator[str]:
    """Give what is doubtful about an entry by itself."""
    label = entry.label
    if label not in labels_of(form):
        yield f"本程序的{form.annex}“{label.part or form.title}”里没有“{label.words}”，请不要改动前四栏"
        return
    if entry.own and entry.absent:
        yield f"“{label.words}”既写了“{COLUMNS['own']}”，又勾了“{COLUMNS['absent']}”，请只留一样"
    if entry.absent and not may_be_absent(form, label):
        yield f"没有“{label.words}”就不能评价，不能勾“{COLUMNS['absent']}”"
    for own in entry.own:
        words = normalise_label(own)
        if not has_chinese(words) or len(words) > LONGEST:
            yield f"“{own[:LONGEST]}”不像表上的文字（应有汉字，不超过{LONGEST}字），请照表上的写"
        elif label.what == "title" and len(words) < SHORTEST_TITLE:
            yield f"表名“{own}”太短，会与别的文字相混，请写全称"
        elif label.what == "title" and any(other.is_titled(words) for other in OTHER_FORMS):
            other = next(each.name for each in OTHER_FORMS if each.is_titled(words))
            yield f"“{own}”是{other}的表名，不能作为{form.annex}的表名"


def _of_all(form: Form, entries: Sequence[Entry]) -> Iterator[str]:
    """Give what is doubtful about the entries on a form together: lines on the same words, one text for two."""
    lines = Counter(each.label for each in entries)
    yield from (
        f"{each.where}：“{each.label.words}”有不止一行，请只留一行"
        for number, each in enumerate(entries)
        if lines[each.label] > 1 and each.label in [other.label for other in entries[:number]]
    )
    gone = {each.label for each in entries if each.absent}
    if gone.issuperset(label for label in labels_of(form) if label.what in {"heads", "rows"}):
        yield f"{form.annex}：全部勾了“{COLUMNS['absent']}”；本县不用这张表的，整张都不用勾"
    printed = {(label.part, normalise_label(label.words)): label for label in labels_of(form)}
    owners: dict[tuple[str, str], Entry] = {}
    for each in entries:
        for own in each.own:
            at = (each.label.part, normalise_label(own))
            ours, other = printed.get(at), owners.setdefault(at, each)
            if ours and ours != each.label:
                yield f"{each.where}：“{own}”在本程序是同一部分的另一项，不能又是“{each.label.words}”"
            elif other.label != each.label:
                yield f"{each.where}：“{own}”已经写给了“{other.label.words}”（{other.where}），请写明各是哪一项"


def checked(entries: Sequence[Entry], name: str) -> Answers:
    """Give the answers that entries come to; ``name`` is what the file is called in messages.

    Raises:
        LocalWordsError: something about them is doubtful; nothing of them is used.
    """
    found = mistakes(entries)
    if not found and not any(each.own or each.absent for each in entries):
        found = [f"“{COLUMNS['own']}”和“{COLUMNS['absent']}”都是空白的，请填写后再用"]
    if found:
        raise LocalWordsError("\n".join([f"{TITLE} {name} 有{len(found)}处要改：", *found]))
    return tuple(answer for each in entries for answer in _answers(each))


def _answers(entry: Entry) -> Iterator[Answer]:
    if entry.absent:
        yield Answer(entry.annex, "", entry.label.words, part=entry.label.part)
    same = normalise_label(entry.label.words)
    yield from (Answer(entry.annex, own, entry.label.words) for own in entry.own if normalise_label(own) != same)


# ---------------------------------------------------------------------- as TOML


def as_toml(entries: Iterable[Entry], heading: str) -> str:
    """Give entries as TOML: by form and by what they are our words → the bureau's; ``heading`` stands above."""
    annexes = {form.annex: form.id for form in FORMS}
    forms: dict[str, dict[str, Any]] = {}
    for each in entries:
        label, said = each.label, forms.setdefault(annexes[each.annex], {})
        if label.what == "title":
            said["title"] = [*said.get("title", ()), *each.own]
        else:
            names = said.setdefault(label.what, {})
            names[label.words] = list(dict.fromkeys([*names.get(label.words, ()), *each.own]))
        if each.absent:
            said.setdefault("absent", {}).setdefault(label.part, []).append(label.words)
    tables = {
        form: {
            what: {words: own for words, own in said[what].items() if own}
            if isinstance(said[what], dict)
            else said[what]
            for what in ("title", "absent", *SECTIONS)
            if said.get(what)
        }
        for form, said in forms.items()
    }
    filled = {form: {what: said for what, said in found.items() if said} for form, found in tables.items()}
    return f"# {heading}\n\n" + tomli_w.dumps({form: found for form, found in filled.items() if found})


def from_toml(name: str, content: bytes) -> list[Entry]:
    """Read entries from TOML; words that stand in several parts of a form have an entry in each.

    Raises:
        LocalWordsError: it is no TOML, or has tables that there are not.
    """
    try:
        read = _File.model_validate(tomllib.loads(content.decode("utf-8-sig"))).root
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LocalWordsError(f"{TITLE} {name} 不是 TOML 文件：{error}") from error
    except ValidationError as error:
        told = (f"[{'.'.join(map(str, each['loc']))}]：{each['msg']}" for each in error.errors())
        raise LocalWordsError("\n".join([f"{TITLE} {name} 读不懂：", *told])) from error
    forms = {form.id: form for form in FORMS}
    unknown = [form for form in read if form not in forms]
    if unknown:
        raise LocalWordsError(f"{TITLE} {name}：没有 {'、'.join(unknown)} 这张表，只有{'、'.join(forms)}")
    return [entry for form, said in read.items() for entry in _entries(forms[form], form, said)]


def _entries(form: Form, table: str, said: _LocalForm) -> Iterator[Entry]:
    labels = labels_of(form)
    if said.title:
        yield Entry(f"[{table}] title", form.annex, labels[0], said.title)
    for what in SECTIONS:
        for words, own in getattr(said, what).items():
            where = f"[{table}.{what}] {words}"
            found = [each for each in labels if each.what == what and each.words == words]
            absent = [part for part, gone in said.absent.items() if words in gone]
            for each in found or [Label("", what, words)]:
                if each.part not in absent:
                    yield Entry(where, form.annex, each, own)
    for part, gone in said.absent.items():
        for words in gone:
            found = [each for each in labels if each.part == part and each.words == words]
            yield Entry(f"[{table}.absent] {part}", form.annex, (found or [Label(part, "", words)])[0], (), absent=True)
