"""XML as it may be: well-formed, UTF-8, without a document type, bounded in depth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from pipeline.guard.notes import DAMAGED, FORM, RESAVE, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 64
"""Formatted text in a cell lies nine deep, the extensions of charts some twenty."""

ODD = f"文件的写法不合常规；{RESAVE}"
_UNTAGGED = re.compile(rb"<!|<\?(?!xml\s)")
"""What begins with ``<`` and is neither a tag nor the XML declaration, which stands nowhere but at the beginning."""
_UP = b"\1"
"""A byte that no XML holds."""
_NO_STEPS = bytes(set(range(256)) - {*b"<", *_UP})

_ENCODINGS = {"utf-8", "us-ascii", "ascii"}

Attributes = dict[str, str]


def local(name: str) -> str:
    """Give a name without its prefix: converters write ``x:c`` for ``c``, and calamine reads both."""
    return name[name.find(":") + 1 :]


def untyped(part: bytes) -> None:
    """Refuse a part that defines a document type, in whatever width its letters are written.

    For parts that nobody reads; those that are read go through `sound` or `walk`.
    """
    if b"<!DOCTYPE" in (part.replace(b"\0", b"") if b"\0" in part else part):
        raise Refused(f"文件内含不应有的定义（DTD），不予读取；{FORM}")


def sound(part: bytes) -> tuple[Attributes, bool]:
    """Refuse a part that is not XML as it may be.

    Returns:
        The attributes of its outermost element, and whether every ``<`` begins a tag: there is no comment, no CDATA
        and no instruction but the first.
    """
    found: list[Attributes] = []
    parser = _parser()

    def outermost(_: str, attributes: Attributes) -> None:
        found.append(attributes)
        # Without a handler expat is twenty times faster.
        parser.StartElementHandler = None

    parser.StartElementHandler = outermost
    _parse(parser, part)
    return found[0], bound(part)


def formed(part: bytes) -> None:
    """Refuse a part as `sound` does, but for its depth."""
    _parse(_parser(), part)


def walk(part: bytes, start: Callable[[str, Attributes], None]) -> None:
    """Call a function with the local name and the attributes of every element, refusing as `sound` does."""
    parser = _parser()
    parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
    _parse(parser, part)
    bound(part)


def bound(part: bytes) -> bool:
    """Refuse a well-formed part that is too deep; tell whether it is plain."""
    plain = is_plain(part)
    if not (plain and is_shallow(part)):
        _measure(part)
    return plain


def _measure(part: bytes) -> None:
    """Refuse a part that is too deep, element by element."""
    depth = 0

    def down(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise Refused(ODD)

    def up(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = down, up
    parser.Parse(part, True)  # noqa: FBT003 - expat's own signature


def is_plain(part: bytes) -> bool:
    """Tell whether every ``<`` of a well-formed part begins a tag, but for the XML declaration."""
    return not _UNTAGGED.search(part)


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _typed
    return parser


def _typed(*_: object) -> None:
    raise Refused(f"文件内含不应有的定义（DTD），不予读取；{FORM}")


def _parse(parser: expat.XMLParserType, part: bytes) -> None:
    encodings: list[str | None] = []
    parser.XmlDeclHandler = lambda _, encoding, __: encodings.append(encoding)
    try:
        parser.Parse(part, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise Refused(DAMAGED) from error
    except (ValueError, LookupError) as error:  # an encoding that expat or Python does not know
        raise Refused(ODD) from error
    # calamine reads UTF-8 only, and finds an empty sheet in anything else. No XML in UTF-8 holds a zero byte.
    if b"\0" in part or any(encoding and encoding.lower() not in _ENCODINGS for encoding in encodings):
        raise Refused(ODD)


def is_shallow(part: bytes, depth: int = MAX_DEPTH) -> bool:
    """Tell fast whether a plain part is no deeper than this; False when this way cannot be sure.

    Every ``<`` goes down a step, ``</`` and ``/>`` go up. A ``/>`` that is text would feign a step up, but then there
    are more steps up than down. What is innermost falls away, again and again: as often as the part is deep.
    """
    steps = part.replace(b"</", _UP).replace(b"/>", _UP).translate(None, _NO_STEPS)
    steps = steps[part.startswith((b"<?", b"\xef\xbb\xbf<?")) :]
    for _ in range(depth):
        steps = steps.replace(b"<" + _UP, b"")
        if not steps:
            break
    return not steps
