"""Read the reviewer's decisions from 复核意见.xlsx, which a run wrote and the reviewer filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.lists.sheet_list import ListError, Listing
from pipeline.reading.workbook import Refused
from schemas.file_names import REVIEWS
from schemas.lists import head_answers
from schemas.lists.head_answers import HeadAnswer
from schemas.lists.reviews import COLUMNS, DECIDED, STATE_COLUMNS, STATE_SET, STATES, TITLE, Decision, StateDecision
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LIST = Listing(TITLE, COLUMNS, {"department": "部门全称"}, needed=("department", "item", "verdict", "content"))

STATE_LIST = Listing(STATES, STATE_COLUMNS, {"department": "部门全称"}, needed=("department", "state", "version"))

ANSWER_LIST = Listing(head_answers.SHEET, head_answers.COLUMNS, {"annex": "附表"}, needed=("annex", "words", "answer"))


def find(inbox: Path) -> tuple[Decision, ...]:
    """Read the decisions in the inbox; none where it has no such file.

    Raises:
        ListError: the file cannot be read, or is no list of decisions.
    """
    content = LIST.content(inbox / REVIEWS)
    return () if content is None else read(REVIEWS, content)


def read(name: str, content: bytes) -> tuple[Decision, ...]:
    """Read every line on which the reviewer wrote something; what is wrong with one is told later, line by line."""
    lines = LIST.read_given(name, content, f"里没有找到{TITLE}的表头；请用评价时写出的 {REVIEWS} 填写。")
    return tuple(_decision(each.number, each.text) for each in lines if any(each.text.get(field) for field in DECIDED))


def _decision(number: int, text: Mapping[str, str]) -> Decision:
    fields = ("department", "item", *DECIDED, "content")
    return Decision(number, **{field: text.get(field, "") for field in fields})


def find_states(inbox: Path) -> tuple[StateDecision, ...]:
    """Read the states of returns that the bureau set; none where there is no such file, or no such sheet in it.

    Raises:
        ListError: the file cannot be read.
    """
    content = LIST.content(inbox / REVIEWS)
    return () if content is None else read_states(REVIEWS, content)


def read_states(name: str, content: bytes) -> tuple[StateDecision, ...]:
    """Read every line on which a state is set; what is wrong with one is told later, line by line."""
    try:
        lines = STATE_LIST.lines(content) or []
    except Refused as refusal:
        raise ListError(f"{TITLE} {name}：{refusal}") from refusal
    fields = ("department", "source_file", *STATE_SET, "version")
    return tuple(
        StateDecision(each.number, **{field: each.text.get(field, "") for field in fields})
        for each in lines
        if any(each.text.get(field) for field in STATE_SET)
    )


def find_answers(inbox: Path) -> tuple[HeadAnswer, ...]:
    """Read what the bureau answers about unknown texts; none where there is no such file, or no such sheet in it.

    Raises:
        ListError: the file cannot be read.
    """
    content = LIST.content(inbox / REVIEWS)
    return () if content is None else read_answers(REVIEWS, content)


def read_answers(name: str, content: bytes) -> tuple[HeadAnswer, ...]:
    """Read every line on which an answer stands; what is wrong with one is told later, line by line."""
    try:
        lines = ANSWER_LIST.lines(content) or []
    except Refused as refusal:
        raise ListError(f"{TITLE} {name}：{refusal}") from refusal
    fields = (*head_answers.KEY, "proposed", "asked_by", *head_answers.ANSWERED)
    return tuple(
        HeadAnswer(each.number, **{field: each.text.get(field, "") for field in fields})
        for each in lines
        if any(each.text.get(field) for field in head_answers.ANSWERED)
    )


def about(decisions: Iterable[Decision], departments: Iterable[str]) -> tuple[Decision, ...]:
    """Give the decisions that are about some departments."""
    names = set(map(normalise_label, departments))
    return tuple(each for each in decisions if normalise_label(each.department) in names)
