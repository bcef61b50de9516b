"""Read and write the XML parts of a workbook with lxml.

Elements are found by their local name: programs write ``x:c`` for ``c``, and strict workbooks have other namespaces.
"""

from __future__ import annotations

import copy
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

from pipeline.workbooks.writer import LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class UneditableError(ValueError):
    """A workbook that can be read but is written in a way in which it cannot be edited."""


def parse(part: bytes) -> Element:
    """Parse a part.

    Nothing is fetched or expanded, and parts of unusual size or depth are not parsed.

    Raises:
        lxml.etree.XMLSyntaxError: the part is not well-formed, too deep, or holds a text of over 10 MB.
        UneditableError: the part defines a document type.
    """
    root = etree.fromstring(part, _PARSER)
    if root.getroottree().docinfo.doctype:
        raise UneditableError("DOCTYPE")
    return root


def serialise(root: Element) -> bytes:
    """Write a part in UTF-8 with its declaration."""
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True, standalone=True)


def local_name(element: Element) -> str:
    """Give the name of an element without its namespace."""
    return etree.QName(element).localname


def namespace(element: Element) -> str:
    """Give the namespace of an element."""
    return etree.QName(element).namespace or ""


def child(element: Element, name: str) -> Element:
    """Give the first child of this local name.

    Raises:
        UneditableError: there is none.
    """
    found = element.find(f"{{*}}{name}")
    if found is None:
        raise UneditableError(name)
    return found


def children(element: Element | None, name: str = "*") -> list[Element]:
    """Give the child elements of this local name, or all of them; none of a parent that is not there."""
    return [] if element is None else list(element.iterchildren(name if name == "*" else f"{{*}}{name}"))


def relation_id(element: Element) -> str:
    """Give the relation that an element refers to by its ``r:id``; "" where it has none."""
    return next((value for name, value in element.attrib.items() if str(name).endswith("}id")), "")


def fragment(xml: str, space: str) -> Element:
    """Make an element of XML without prefixes, in a namespace; ``xml`` is our own text or was written by `bare`."""
    return copy.deepcopy(_parsed(xml, space))


@lru_cache(maxsize=64)
def _parsed(xml: str, space: str) -> Element:
    (made,) = parse(f'<fragment xmlns="{space}">{xml}</fragment>'.encode())
    remove(made)
    return made


def bare(element: Element) -> str:
    """Write an element without namespaces and prefixes, so that it can be kept in a cell and made again anywhere."""
    twin = copy.deepcopy(element)
    twin.tail = None
    for each in twin.iter("*"):
        each.tag = local_name(each)
    etree.cleanup_namespaces(twin)
    return etree.tostring(twin, encoding="unicode")


def remove(element: Element) -> None:
    """Take an element out of its parent."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def writable(text: str) -> str:
    """Give a text as a cell or comment can hold it: without what XML cannot hold, and shown as it is written."""
    return _ESCAPE.sub("_x005F_", _UNWRITABLE.sub("", text)[:LONGEST_TEXT])


def texts_below(element: Element) -> Iterator[Element]:
    """Give every element ``t`` below, in order."""
    return element.iter("{*}t")
