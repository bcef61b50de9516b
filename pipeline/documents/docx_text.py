"""A paragraph of a Word document → the text that counts, and what of it was left out.

Not by the `text` of python-docx: that passes over content controls (内容控件), inserted text under revision and merged
fields without a word, and runs struck-through, hidden and raised text together with the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.documents.docx_styles import NO_STYLES, TextStyles, W
from pipeline.documents.symbols import UNKNOWN, in_letters, letter
from pipeline.reading.runs import SUBSCRIPT, SUPERSCRIPT, Run, count

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNREAD = {"txbxContent", "Fallback", "tbl", "pPr", "rPr", "tcPr", "rt", "rubyPr", "fldData"}
"""What is no text of the paragraph it lies in: of a text box or table of its own, a pronunciation, or how it looks."""
_MARKS = {"tab": " ", "ptab": " ", "cr": "\n", "noBreakHyphen": "-"}
"""Signs that are elements."""
_STRUCK, _HIDDEN, _DELETED, _MARK = "划去的文字", "隐藏的文字", "修订中删去的文字", "注释标号等"


class Read(NamedTuple):
    """What counts of a paragraph, and what was left out: what it is, and the text."""

    text: str
    left_out: tuple[tuple[str, str], ...]


class _Piece(NamedTuple):
    """A run, and why it does not count, "" where it does."""

    run: Run
    why: str = ""


def read_paragraph(paragraph: Any, styles: TextStyles = NO_STYLES) -> Read:
    """Read a paragraph: what is struck through, hidden, deleted under revision or the mark of a note does not count."""
    pieces = list(_pieces(paragraph, _Piece(Run("")), styles))
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


def _pieces(element: Any, looks: _Piece, styles: TextStyles) -> Iterator[_Piece]:
    """Give the runs inside an element, each with the looks it has."""
    for child in element:
        name = local(child)
        if name == "r":
            yield from _of_run(child, looks, styles)
        elif name in {"del", "moveFrom"}:
            yield from _pieces(child, looks._replace(why=_DELETED), styles)
        elif name in {"oMath", "oMathPara"}:
            yield looks._replace(run=looks.run._replace(text=formula(child)))
        elif name not in _UNREAD:
            yield from _pieces(child, looks, styles)


def _of_run(run: Any, outer: _Piece, styles: TextStyles) -> Iterator[_Piece]:
    shown = styles.appearance(run)
    looks = _Piece(
        Run("", shown.struck or outer.run.struck, shown.raised if shown.raised in {SUPERSCRIPT, SUBSCRIPT} else ""),
        outer.why or (_HIDDEN if shown.hidden else ""),
    )
    for child in run:
        name = local(child)
        if name in {"t", "delText"}:
            text = in_letters(child.text or "", shown.font)
        elif name == "instrText":
            code = (child.text or "").strip()
            yield from [_Piece(Run(code), "域代码")] if code.upper().startswith("EQ ") else []
            continue
        elif name == "sym":
            text = letter(str(child.get(f"{W}font", "")), int(str(child.get(f"{W}char", "0")), 16))
        elif name == "br":
            text = "\n" if child.get(f"{W}type") in {None, "textWrapping"} else ""
        elif name in _MARKS:
            text = _MARKS[name]
        else:
            yield from () if name in _UNREAD else _pieces(child, looks, styles)
            continue
        yield looks._replace(run=looks.run._replace(text=text))


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
