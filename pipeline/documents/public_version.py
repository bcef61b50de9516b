"""The form of one department as it is disclosed (公开): what it filed, without persons, telephones and our remarks.

The same content as a Word document and as a page that prints on A4; nothing that was computed, found or decided here
is in it.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from pipeline import house_style as house
from pipeline.documents import figures_text
from pipeline.documents.official_style import (
    BODY,
    CAPTION,
    HEADING,
    TITLE,
    DocumentTable,
    begin_document,
    document_bytes,
    draw_table,
)
from pipeline.output.read_back import AccountError, by_policy, own_name, table
from schemas.forms import FORMS
from schemas.forms.model import Grid, Heads, Indicators, Kind, Line, Pairs, YearLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.output.read_back import Row
    from schemas.forms.model import Field, Form, Pair, Section
    from schemas.policy import Policy

LEFT_OUT = "（不公开）"
"""What stands in the place of a telephone or of a person within running text."""
_TELEPHONE = re.compile(r"(?<![0-9.])(?:\+?86[- ]?)?(?:1[3-9]\d{9}|0\d{2,3}[-— ]?\d{7,8})(?![0-9.])")
_FILED_BY = re.compile(r"(填表人|填报人|联系人|经办人|审核人|联系电话|电话|手机)[:：]\s*[^\s，,。；;]+")

Block = tuple[str, str | DocumentTable]
"""The style of a paragraph and its text, or "" and a table."""


def public_version(folder: Path, department: str, policy: Policy) -> tuple[str, bytes, bytes]:
    """Write what is disclosed of one department; give its name, the Word document and the page.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        department: its name; spaces and quotes do not matter.
        policy: the policy by which it was evaluated.

    Raises:
        NoResultsError: there are no results of this policy.
        AccountError: none of such a department, or none that was evaluated.
    """
    by_policy(folder, policy)
    run = {name: table(folder, name) for name in ("summary", "facts", "indicators")}
    own = own_name([row["department"] for row in run["summary"]], department)
    facts = {row["field"]: row for row in run["facts"] if row["department"] == own}
    if not facts:
        raise AccountError(f"{own}没有评价结果（没有报送，或报送的文件不能读取），写不出公开版。")
    indicators = [row for row in run["indicators"] if row["department"] == own]
    blocks = list(_blocks(own, policy, facts, indicators))
    title = f"{own}{policy.year}年度部门整体支出绩效自评"
    return own, _document(title, blocks), _page(title, blocks)


def _blocks(own: str, policy: Policy, facts: dict[str, Row], indicators: list[Row]) -> Iterator[Block]:
    yield TITLE, f"{own}{policy.year}年度"
    yield TITLE, "部门整体支出绩效自评"
    names = _names(facts)
    for form in FORMS:
        yield HEADING, f"{form.annex}　{form.title}"
        for section in form.flat():
            yield from _section(form, section, facts, indicators, names)


def _names(facts: dict[str, Row]) -> list[str]:
    """Give the persons whom the department named, which are left out wherever they stand."""
    kinds = {each.name: each.kind for form in FORMS for each in form.fields()}
    found = {row["value"].strip() for name, row in facts.items() if kinds.get(name) is Kind.NAME and row["value"]}
    return sorted((name for name in found if len(name) > 1), key=len, reverse=True)


def _section(
    form: Form, section: Section, facts: dict[str, Row], indicators: list[Row], names: list[str]
) -> Iterator[Block]:
    match section:
        case Grid(corner, columns, rows):
            heads = (corner or "项目", *(column.words for column in columns))
            lines = [
                (row.words.strip(), *(_value(section.field_at(row, column), facts, names) for column in columns))
                for row in rows
            ]
            yield "", DocumentTable(heads, tuple(lines), (False, *(True for _ in columns)))
        case Heads() | Pairs() | Line() | YearLine():
            short, long = list[tuple[str, str]](), list[tuple[str, str]]()
            amounts = all(each.kind is Kind.AMOUNT for _, each in _fields(section))
            for words, each in _fields(section):
                if each.kind is not Kind.NAME:
                    (long if each.kind is Kind.TEXT else short).append((words, _value(each, facts, names)))
            if short:
                yield "", DocumentTable(("项目", "金额（万元）" if amounts else "内容"), tuple(short), (False, amounts))
            for words, text in long:
                yield CAPTION, words
                yield BODY, text
        case Indicators():
            yield "", _indicators(form, indicators, names)


def _fields(section: Heads | Pairs | Line | YearLine) -> list[tuple[str, Field]]:
    """Give words and field of each value of a section."""
    match section:
        case Heads(heads):
            return [(head.words, head.field) for head in heads]
        case Pairs(lines):
            return [(_words(pair, each), each) for line in lines for pair in line for each in pair.fields]
        case Line(parts):
            return [(part.words, part.field) for part in parts]
        case YearLine(asked):
            return [("年度", asked)]


def _words(pair: Pair, asked: Field) -> str:
    """Give the words beside a value, with those of its column where several stand on one line."""
    words = pair.words.strip()
    return words if len(pair.fields) == 1 else f"{words}（{asked.label.rpartition('·')[2]}）"


def _value(asked: Field, facts: dict[str, Row], names: list[str]) -> str:
    shown = figures_text.describe_fact(facts.get(asked.name))
    return _without_persons(shown.removesuffix("万元") if asked.kind is Kind.AMOUNT else shown, names)


def _without_persons(text: str, names: list[str]) -> str:
    """Leave telephones and persons out of a text."""
    text = _TELEPHONE.sub(LEFT_OUT, _FILED_BY.sub(lambda found: f"{found[1]}：{LEFT_OUT}", text))
    for name in names:
        text = text.replace(name, LEFT_OUT)
    return text


def _indicators(form: Form, indicators: list[Row], names: list[str]) -> DocumentTable:
    declared = form.indicators
    heads = tuple(column.words for column in declared.columns) if declared else ()
    keys = [column.name for column in declared.columns] if declared else []
    filed = {"weight": "filed_weight"}
    rows = [tuple(_without_persons(row.get(filed.get(key, key), ""), names) for key in keys) for row in indicators]
    numeric = tuple(column.kind is Kind.POINTS for column in declared.columns) if declared else ()
    return DocumentTable(heads, tuple(rows), numeric, "没有填报指标。")


def _document(title: str, blocks: list[Block]) -> bytes:
    """Write the blocks as a Word document in the style of official ones."""
    made = begin_document(title)
    for style, content in blocks:
        if isinstance(content, str):
            made.add_paragraph(content, style=style)
        elif content.rows:
            made.element.body.insert(len(made.element.body) - 1, draw_table(content))
            made.add_paragraph("")
        else:
            made.add_paragraph(content.empty, style=BODY)
    return document_bytes(made)


_STYLE = f"""@page{{size:A4;margin:25mm 20mm}}
body{{font:12pt/1.6 {house.BODY_FONT},serif;color:{house.INK};max-width:170mm;margin:0 auto}}
h1{{font:20pt {house.HEAD_FONT},sans-serif;text-align:center;margin:0}}
h2{{font:14pt {house.HEAD_FONT},sans-serif;margin:1.2em 0 .4em;break-after:avoid}}
h3{{font:12pt {house.HEAD_FONT},sans-serif;margin:.8em 0 .2em;break-after:avoid}}
p{{margin:0;text-indent:2em}}
table{{border-collapse:collapse;width:100%;margin:.4em 0;font-size:10pt}}
th,td{{border:1px solid {house.LINE};padding:2pt 4pt;vertical-align:middle}}
th{{background:{house.HEAD_FILL}}}
td.number{{text-align:right;white-space:nowrap}}
tr{{break-inside:avoid}}
thead{{display:table-header-group}}"""
_TAGS = {TITLE: "h1", HEADING: "h2", CAPTION: "h3", BODY: "p"}


def _page(title: str, blocks: list[Block]) -> bytes:
    """Write the blocks as a page without scripts, to be printed or saved as PDF on A4."""
    parts = []
    for style, content in blocks:
        if isinstance(content, str):
            parts += [f"<{_TAGS[style]}>{escape(line)}</{_TAGS[style]}>" for line in content.splitlines() or [""]]
        else:
            parts.append(_html_table(content) if content.rows else f"<p>{escape(content.empty)}</p>")
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    body = "\n".join(parts)
    return f'<!doctype html>\n<html lang="zh-CN"><head>{head}</head><body>\n{body}\n</body></html>\n'.encode()


def _html_table(content: DocumentTable) -> str:
    heads = "".join(f"<th>{escape(text)}</th>" for text in content.heads)
    rows = []
    for row in content.rows:
        sides = (' class="number"' if number else "" for number in content.figures)
        rows.append("".join(f"<td{side}>{escape(text)}</td>" for side, text in zip(sides, row, strict=True)))
    lines = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"
