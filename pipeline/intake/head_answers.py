"""What the bureau has answered on the sheet 表头对照: which answers hold, and the sheet itself, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.reading.parse_cell import day
from schemas.forms.answered import NOT_OURS, Answer, annexes, is_meant
from schemas.lists.head_answers import COLUMNS, KEY
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.lists.roster import Roster
    from pipeline.reading.submission import Submission
    from schemas.lists.head_answers import HeadAnswer

MOST_NAMED = 3
"""Departments that a line names; of more it gives the number."""
_NEEDED = ("annex", "words", "answer", "by", "date")
IN_FORCE = "已采用"

Row = dict[str, str]


def mistake(answer: HeadAnswer) -> str:
    """Say what is wrong with a line by itself; "" when nothing is."""
    missing = [COLUMNS[name] for name in _NEEDED if not getattr(answer, name)]
    if missing:
        return f"没有填写{'、'.join(missing)}"
    if answer.annex not in annexes():
        return f"附表“{answer.annex}”不是{'、'.join(annexes())}之一"
    if answer.answer != NOT_OURS and not is_meant(answer.annex, answer.answer):
        return f"{answer.annex}没有“{answer.answer}”这一项，请照表上的文字填写；都不是的填“{NOT_OURS}”"
    return "" if day(answer.date) else f"日期“{answer.date}”看不出是哪一天，请写成 2022-05-01"


def in_force(answers: Sequence[HeadAnswer]) -> tuple[HeadAnswer, ...]:
    """Give the lines that hold: complete, and not two on the same text for the same department."""
    keys = [_key(each) for each in answers]
    return tuple(each for each in answers if not mistake(each) and keys.count(_key(each)) == 1)


def for_reading(answers: Sequence[HeadAnswer], roster: Roster) -> tuple[Answer, ...]:
    """Give the answers that hold as reading uses them: a department under every name that the roster knows it by."""
    return tuple(
        Answer(each.annex, each.words, each.answer, _offices(each.department, roster)) for each in in_force(answers)
    )


def _offices(department: str, roster: Roster) -> tuple[str, ...]:
    if not department:
        return ()
    member = roster.of(department)
    names = (member.name, *member.also) if member else (department,)
    return tuple(dict.fromkeys(map(normalise_label, names)))


def rows(accepted: Iterable[Submission], answers: Sequence[HeadAnswer]) -> list[Row]:
    """Give the rows of the sheet: one per line that is filled in, and one per text that is asked about."""
    holding = in_force(answers)
    asking: dict[tuple[str, str], tuple[Row, list[str]]] = {}
    for submission in accepted:
        for annex, words, proposed in submission.asked:
            line = {"annex": annex, "words": words, "proposed": proposed}
            asking.setdefault(_about(line), (line, []))[1].append(submission.department)
    found = [
        {name: getattr(each, name) for name in COLUMNS if name != "told"}
        | {"told": IN_FORCE if each in holding else f"没有采用：{mistake(each) or '同一文字有不止一行答复'}"}
        for each in answers
    ]
    refused = {_about(_as_row(each)) for each in answers if each not in holding}
    found += [
        line | {"asked_by": _named(departments)} for key, (line, departments) in asking.items() if key not in refused
    ]
    return [dict.fromkeys(COLUMNS, "") | row for row in found]


def _as_row(answer: HeadAnswer) -> Row:
    return {name: getattr(answer, name) for name in KEY}


def _about(row: Mapping[str, str]) -> tuple[str, str]:
    return row["annex"], normalise_label(row["words"])


def _key(answer: HeadAnswer) -> tuple[str, str, str]:
    return (*_about(_as_row(answer)), normalise_label(answer.department))


def _named(departments: Sequence[str]) -> str:
    """Name the departments on whose sheets a text stands; of many the first and the number."""
    names = list(dict.fromkeys(departments))
    more = f"等{len(names)}个部门" if len(names) > MOST_NAMED else ""
    return "、".join(names[:MOST_NAMED]) + more
