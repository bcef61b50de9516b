"""XML edited where it stands: an element is known by its place in the bytes, and all around it stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pipeline.book import LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.guard.markup import Attributes


class OddError(ValueError):
    """A workbook that can be read but is written in a way in which it cannot be edited."""


_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(rb"""\s([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def xml_text(text: str) -> str:
    """Write a text as XML: what XML cannot hold is left out, and what looks like an escape stays what it looks like."""
    return escape(_ESCAPE.sub("_x005F_", _UNWRITABLE.sub("", text)[:LONGEST_TEXT]))


@dataclass(eq=False, slots=True)
class Element:
    """An element and where it stands in its part: its tag, what it holds, and its end."""

    name: str
    prefix: str
    attributes: Attributes
    begin: int
    inner: int
    close: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """Give the children of a name."""
        return [child for child in self.children if child.name == name]

    def find(self, name: str) -> Element | None:
        """Give the first child of a name."""
        return next(iter(self.all(name)), None)

    def get(self, name: str) -> Element:
        """Give the first child of a name, which must be there."""
        found = self.find(name)
        if found is None:
            raise OddError(name)
        return found

    def under(self, name: str) -> Iterator[Element]:
        """Give every element of a name below, in order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.under(name)

    def spelt(self, xml: str) -> bytes:
        """Write XML with the prefix that this element has."""
        return (re.sub(r"<(/?)(?=\w)", rf"<\1{self.prefix}", xml) if self.prefix else xml).encode()


class Part:
    """A part in XML and what changes in it: everything else stays to the byte."""

    def __init__(self, content: bytes) -> None:
        """Find the elements of a part, of a workbook that the guard has passed or that we have made of one."""
        self.content = content
        self.root = _tree(content)
        self._edits: list[tuple[int, int, bytes]] = []
        self._grown: dict[int, tuple[Element, list[bytes]]] = {}

    def raw(self, element: Element) -> bytes:
        """Give an element as it is written."""
        return self.content[element.begin : element.end]

    def replace(self, start: int, end: int, new: bytes) -> None:
        """Write other bytes in place of some."""
        self._edits.append((start, end, new))

    def drop(self, element: Element) -> None:
        """Leave an element out."""
        self.replace(element.begin, element.end, b"")

    def before(self, element: Element, xml: str) -> None:
        """Write something before an element."""
        self.replace(element.begin, element.begin, element.spelt(xml))

    def after(self, element: Element, xml: str) -> None:
        """Write something after an element."""
        self.replace(element.end, element.end, element.spelt(xml))

    def append(self, element: Element, xml: str | bytes) -> None:
        """Write something at the end of what an element holds; bytes are written as they are."""
        written = element.spelt(xml) if isinstance(xml, str) else xml
        self._grown.setdefault(element.begin, (element, []))[1].append(written)

    def set(self, element: Element, name: str, value: str | None) -> None:
        """Give an attribute another value; None takes it away."""
        new = b"" if value is None else f" {name}={quoteattr(value)}".encode()
        tag = self.content[element.begin : element.inner]
        for found in _ATTRIBUTE.finditer(tag):
            if found[1] == name.encode():
                self.replace(element.begin + found.start(), element.begin + found.end(), new)
                return
        at = element.begin + 1 + len(f"{element.prefix}{element.name}".encode())
        self.replace(at, at, new)

    def done(self) -> bytes:
        """Give the part with its changes."""
        edits = list(self._edits)
        for element, grown in self._grown.values():
            inside = b"".join(grown)
            if element.close == element.inner == element.end:
                closed = f"</{element.prefix}{element.name}>".encode()
                edits.append((element.inner - 2, element.inner, b">" + inside + closed))
            else:
                edits.append((element.close, element.close, inside))
        pieces, at = [], 0
        for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
            pieces += [self.content[at:start], new]
            at = end
        return b"".join([*pieces, self.content[at:]])


def _tree(content: bytes) -> Element:
    """Find every element but those within cells, of which there may be very many."""
    path = [Element("", "", {}, 0, 0)]
    within = 0  # elements that are open from a cell on, itself included
    parser = expat.ParserCreate()

    def start(qualified: str, attributes: Attributes) -> None:
        nonlocal within
        if within:
            within += 1
            return
        prefix, colon, name = qualified.rpartition(":")
        tag = _TAG.match(content, parser.CurrentByteIndex)
        if tag is None:
            raise OddError(qualified)
        element = Element(name, prefix + colon, attributes, tag.start(), tag.end())
        path[-1].children.append(element)
        path.append(element)
        within = int(name == "c")

    def end(_: str) -> None:
        nonlocal within
        within -= bool(within)
        if within:
            return
        element = path.pop()
        element.close = element.end = element.inner
        if content[element.inner - 2 : element.inner] != b"/>":
            element.close = parser.CurrentByteIndex
            element.end = content.index(b">", element.close) + 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(content, True)  # noqa: FBT003 - expat's own signature
    return path[0].children[0]
