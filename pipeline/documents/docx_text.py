"""A paragraph of a Word document → the text that counts, and what of it was left out.

Not by the `text` of python-docx: that passes over content controls (内容控件), inserted text under revision and merged
fields without a word, and runs struck-through, hidden and raised text together with the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.documents.symbols import UNKNOWN, in_letters, letter
from pipeline.reading.runs import SUBSCRIPT, SUPERSCRIPT, Run, count

if TYPE_CHECKING:
    from collections.abc import Iterator

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNREAD = {"txbxContent", "Fallback", "tbl", "pPr", "rPr", "tcPr", "rt", "rubyPr", "fldData"}
"""What is no text of the paragraph it lies in: of a text box or table of its own, a pronunciation, or how it looks."""
_MARKS = {"tab": " ", "ptab": " ", "cr": "\n", "noBreakHyphen": "-"}
"""Signs that are elements."""
_OFF = {"0", "false", "off"}
_STRUCK, _HIDDEN, _DELETED, _MARK = "划去的文字", "隐藏的文字", "修订中删去的文字", "注释标号等"


class Read(NamedTuple):
    """What counts of a paragraph, and what was left out: what it is, and the text."""

    text: str
    left_out: tuple[tuple[str, str], ...]


class _Piece(NamedTuple):
    """A run, and why it does not count, "" where it does."""

    run: Run
    why: str = ""


def read_paragraph(paragraph: Any) -> Read:
    """Read a paragraph: what is struck through, hidden, deleted under revision or the mark of a note does not count."""
    pieces = list(_pieces(paragraph, _Piece(Run(""))))
    out = [(piece.why, piece.run.text.strip()) for piece in pieces if piece.why and piece.run.text.strip()]
    runs = [piece.run for piece in pieces if not piece.why]
    struck = [run.text.strip() for run in runs if run.struck and run.text.strip()]
    counted = count([run for run in runs if not run.struck])
    text = "".join(run.text for run in runs if not run.struck) if counted is None else counted.text
    marks = counted.left_out if counted else ()
    out += [(_STRUCK, each) for each in struck] + [(_MARK, each) for each in marks]
    if UNKNOWN in text:
        out.append(("认不出的符号", text.strip()))
    return Read(text, tuple(out))


def _pieces(element: Any, looks: _Piece) -> Iterator[_Piece]:
    """Give the runs inside an element, each with the looks it has."""
    for child in element:
        name = local(child)
        if name == "r":
            yield from _of_run(child, looks)
        elif name in {"del", "moveFrom"}:
            yield from _pieces(child, looks._replace(why=_DELETED))
        elif name in {"oMath", "oMathPara"}:
            yield looks._replace(run=looks.run._replace(text=formula(child)))
        elif name not in _UNREAD:
            yield from _pieces(child, looks)


def _of_run(run: Any, outer: _Piece) -> Iterator[_Piece]:
    properties = run.find(f"{W}rPr")
    looks = outer
    if properties is not None:
        struck = _is_on(properties, "strike") or _is_on(properties, "dstrike")
        raised = properties.find(f"{W}vertAlign")
        how = "" if raised is None else str(raised.get(f"{W}val"))
        looks = _Piece(
            Run("", struck or outer.run.struck, how if how in {SUPERSCRIPT, SUBSCRIPT} else ""),
            outer.why or (_HIDDEN if _is_on(properties, "vanish") else ""),
        )
    font = _font(properties)
    for child in run:
        name = local(child)
        if name in {"t", "delText"}:
            text = in_letters(child.text or "", font)
        elif name == "instrText":
            shown = (child.text or "").strip()
            yield from [_Piece(Run(shown), "域代码")] if shown.upper().startswith("EQ ") else []
            continue
        elif name == "sym":
            text = letter(str(child.get(f"{W}font", "")), int(str(child.get(f"{W}char", "0")), 16))
        elif name == "br":
            text = "\n" if child.get(f"{W}type") in {None, "textWrapping"} else ""
        elif name in _MARKS:
            text = _MARKS[name]
        else:
            yield from () if name in _UNREAD else _pieces(child, looks)
            continue
        yield looks._replace(run=looks.run._replace(text=text))


def _is_on(properties: Any, name: str) -> bool:
    found = properties.find(f"{W}{name}")
    return found is not None and found.get(f"{W}val", "1") not in _OFF


def _font(properties: Any) -> str:
    fonts = None if properties is None else properties.find(f"{W}rFonts")
    return "" if fonts is None else str(fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "")


def local(element: Any) -> str:
    """Give the name of an element without its namespace; "" for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


# ------------------------------------------------------------------ equations

_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


def formula(element: Any) -> str:
    """Write an equation in a line: a fraction as 1/2, a power as 10³, a root as √(2)."""
    parts = {local(child): formula(child) for child in element if local(child) in _PARTS}
    match local(element):
        case "t":
            return element.text or ""
        case "f":
            return f"{parts.get('num', '')}/{parts.get('den', '')}"
        case "sSup":
            return f"{parts.get('e', '')}{parts.get('sup', '').translate(_RAISED)}"
        case "rad":
            return f"√({parts.get('e', '')})"
        case "d":
            return f"({''.join(formula(child) for child in element if local(child) == 'e')})"
        case _:
            return "".join(formula(child) for child in element)


_PARTS = {"num", "den", "e", "sup"}
