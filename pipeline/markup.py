"""XML as it may be: well-formed, UTF-8, without a document type, bounded in depth and in tags."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from pipeline.notes import DAMAGED, FORM, RESAVE, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_TAGS = 1_500_000
"""Tags of one part: 5000 rows of thirty filled columns have 600,000; a second's work for the slow pass."""
MAX_DEPTH = 64
"""Formatted text in a cell lies nine deep, the extensions of charts some twenty."""

ODD = f"文件的写法不合常规；{RESAVE}"
_OPEN, _CLOSE, _CLOSED = b"<", b"\2", b"\1"
_NO_MARKS = bytes(set(range(256)) - {*_OPEN, *_CLOSE, *_CLOSED})

Attributes = dict[str, str]


def local(name: str) -> str:
    """Give a name without its prefix: converters write ``x:c`` for ``c``, and calamine reads both."""
    return name.rpartition(":")[2]


def untyped(part: bytes) -> None:
    """Refuse a part that defines a document type, in whatever width its letters are written.

    For parts that nobody reads; those that are read go through `sound` or `walk`.
    """
    if b"<!DOCTYPE" in (part.replace(b"\0", b"") if b"\0" in part else part):
        raise Refused(f"文件内含不应有的定义（DTD），不予读取；{FORM}")


def sound(part: bytes) -> Attributes:
    """Refuse a part that is not XML as it may be; give the attributes of its outermost element."""
    found: list[Attributes] = []
    parser = _parser(part)

    def outermost(_: str, attributes: Attributes) -> None:
        found.append(attributes)
        # Without a handler expat is twenty times faster.
        parser.StartElementHandler = None

    parser.StartElementHandler = outermost
    _parse(parser, part)
    if not _shallow(part):
        walk(part, lambda *_: None)
    return found[0]


def walk(part: bytes, start: Callable[[str, Attributes], None]) -> None:
    """Call a function with the local name and the attributes of every element, refusing as `sound` does."""
    parser = _parser(part)
    depth = 0

    def down(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise Refused(ODD)
        start(local(name), attributes)

    def up(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = down, up
    _parse(parser, part)


def plain(part: bytes) -> bool:
    """Tell whether every ``<`` of a sound part begins a tag: no comment, no CDATA, no instruction after the first."""
    return b"<!" not in part and part.find(b"<?", 4) < 0


def _parser(part: bytes) -> expat.XMLParserType:
    if part.count(b"<") > MAX_TAGS:
        raise Refused(f"工作表过大，不像填报表；{FORM}")
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _typed
    parser.XmlDeclHandler = _declared
    return parser


def _typed(*_: object) -> None:
    raise Refused(f"文件内含不应有的定义（DTD），不予读取；{FORM}")


def _declared(_: str, encoding: str | None, __: int) -> None:
    if encoding and encoding.lower() not in {"utf-8", "us-ascii", "ascii"}:
        raise Refused(ODD)


def _parse(parser: expat.XMLParserType, part: bytes) -> None:
    try:
        parser.Parse(part, True)  # noqa: FBT003 - expat's own signature
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refused(DAMAGED) from error
    # calamine reads UTF-8 only, and finds an empty sheet in anything else. No XML in UTF-8 holds a zero byte.
    if b"\0" in part:
        raise Refused(ODD)


def _shallow(part: bytes) -> bool:
    """Tell fast whether a sound part is no deeper than it may be; False when this way cannot be sure.

    Only the marks of opening, closing and self-closed tags are kept, and innermost pairs taken out until none is
    left. A ``/>`` that is text, or a ``<`` that begins no tag, leaves a rest.
    """
    if not plain(part):
        return False
    body = part[part.find(b"?>") + 1 :] if part.startswith((b"<?", b"\xef\xbb\xbf<?")) else part
    marks = body.replace(b"/>", _CLOSED).replace(b"</", _CLOSE).translate(None, _NO_MARKS)
    for _ in range(MAX_DEPTH):
        marks = marks.replace(_OPEN + _CLOSED, b"").replace(_OPEN + _CLOSE, b"")
        if not marks:
            return True
    return False
