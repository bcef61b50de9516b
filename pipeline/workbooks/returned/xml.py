"""XML edited where it stands: an element is known by its place in the bytes, and all around it stays as it is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pipeline.workbooks.writer import LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.guard.xml import Attributes


class OddError(ValueError):
    """A workbook that can be read but is written in a way in which it cannot be edited."""


_TAG = re.compile(rb"""<([^\s/>"']+)[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*>""")
_FIRST = re.compile(rb"<[^?!]")
_NO_TAG = re.compile(rb"<[!?]")
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
"""In what may stand a ``<`` that begins no tag."""
_DECLARED = 5
"""Where a part cannot begin with its declaration any more, a mark of the order of bytes before it included."""
_ATTRIBUTE = re.compile(rb"""\s([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_REFERRING = re.compile(rb"[&\t\n\r]")
"""What makes the value of an attribute another one than is written."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NAMES = 64
"""Names of which it is remembered how their tags are found."""
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def xml_text(text: str) -> str:
    """Write a text as XML: what XML cannot hold is left out, and what looks like an escape stays what it looks like."""
    return escape(_ESCAPE.sub("_x005F_", _UNWRITABLE.sub("", text)[:LONGEST_TEXT]))


class Element:
    """An element and where it stands in its part: its tag, what it holds, and its end.

    What it holds is looked at when it is asked for: of a sheet, only the rows that something is done to.
    """

    __slots__ = ("_attributes", "_children", "_plain", "begin", "close", "end", "inner", "name", "prefix")

    def __init__(self, plain: bytes, begin: int) -> None:
        """Find the tag and the end of an element in a well-formed part; in ``plain`` each ``<`` begins a tag."""
        tag = _TAG.match(plain, begin)
        if tag is None:
            raise OddError(plain[begin : begin + 40])
        prefix, colon, name = tag[1].decode().rpartition(":")
        self.name, self.prefix = name, prefix + colon
        self.begin, self.inner = begin, tag.end()
        self._plain = plain
        self._attributes: Attributes | None = None
        self._children: list[Element] | None = None
        self.close = self.end = self.inner
        if plain[self.inner - 2 : self.inner] != b"/>":
            self.close = _closing(plain, tag[1], self.inner)
            self.end = plain.index(b">", self.close) + 1

    @property
    def attributes(self) -> Attributes:
        """What its tag tells, by the names as they are written."""
        if self._attributes is None:
            self._attributes = _attributes(self._plain[self.begin : self.inner])
        return self._attributes

    @property
    def children(self) -> list[Element]:
        """The elements that it holds itself."""
        if self._children is None:
            self._children = list(self._within())
        return self._children

    def _within(self) -> Iterator[Element]:
        at = self.inner
        while (at := self._plain.find(b"<", at, self.close)) >= 0:
            found = Element(self._plain, at)
            yield found
            at = found.end

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
        self.root = _remembered(content) if len(content) <= _SMALL else _root(content)
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


def _root(content: bytes) -> Element:
    plain = _plain(content)
    first = _FIRST.search(plain)
    if first is None:
        raise OddError
    return Element(plain, first.start())


_SMALL = 16_384
"""Bytes of a part that is remembered: all parts but the sheets, in most returns of a county the same ones."""
_remembered = lru_cache(maxsize=64)(_root)


def _plain(content: bytes) -> bytes:
    """Give a part with blanks in place of what is neither tag nor text, so that every ``<`` begins a tag."""
    if _NO_TAG.search(content, _DECLARED):
        return _ASIDE.sub(lambda found: b" " * len(found[0]), content)
    return content


def _closing(plain: bytes, name: bytes, at: int) -> int:
    """Find where the end tag begins of an element whose tag ends at ``at``."""
    found = plain.find(b"</" + name, at)
    if plain.startswith(b">", found + 2 + len(name)) and plain.find(b"<" + name, at, found) < 0:
        return found
    # Others of that name within, or others whose names begin so.
    depth = 1
    for tag in _tags(name).finditer(plain, at):
        if tag[1]:
            depth -= 1
        elif not tag[0].endswith(b"/>"):
            depth += 1
        if not depth:
            return tag.start()
    raise OddError(name)


@lru_cache(maxsize=_NAMES)
def _tags(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"""<(/?)%b(?=[\s/>])[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*>""" % re.escape(name))


def _attributes(tag: bytes) -> Attributes:
    if not _REFERRING.search(tag):
        return {name.decode(): value[1:-1].decode() for name, value in _ATTRIBUTE.findall(tag)}
    found: Attributes = {}
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _, attributes: found.update(attributes)
    parser.Parse(tag.removesuffix(b">").removesuffix(b"/") + b"/>", True)  # noqa: FBT003 - expat's own signature
    return found
