"""Which cells of an .xlsx hold a picture: Excel keeps one as a rich value, and the error #VALUE! for older readers.

A cell names an entry of the value metadata (``vm``), that entry a rich value, and the rich value its structure, whose
type says what it is: ``_localImage`` for a picture that was put in, ``_webimage`` for one of the function IMAGE.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.guard.notes import Refused
from pipeline.guard.xml import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.guard.xml import Attributes

_RICH = "XLRICHVALUE"


def pictured_values(parts: Mapping[str, bytes], targets: Iterable[tuple[str, str]]) -> frozenset[int]:
    """Give the numbers of the entries of the value metadata, from 1, that are pictures.

    ``targets`` are kind and path of what the workbook relates to. Parts that contradict themselves tell of no picture.
    """
    paths = dict(targets)
    metadata, values, structures = (
        parts.get(paths.get(kind, "")) for kind in ("sheetMetadata", "rdRichValue", "rdRichValueStructure")
    )
    if metadata is None or values is None or structures is None:
        return frozenset()
    with suppress(Refused, ValueError, IndexError):
        pictures = [(each.get("t") or "").lower().endswith(_PICTURE) for each in _elements(structures, "s")]
        pictured = [pictures[int(each["s"])] for each in _elements(values, "rv") if "s" in each]
        rich = _rich_values(metadata)
        return frozenset(number for number, value in enumerate(rich, 1) if value is not None and pictured[value])
    return frozenset()


_PICTURE = ("image", "imageurl")


def _elements(part: bytes, sought: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def each(name: str, attributes: Attributes) -> None:
        if name == sought:
            found.append(dict(attributes))

    walk(part, each)
    return found


def _rich_values(metadata: bytes) -> list[int | None]:
    """Give the number of the rich value of each entry of the value metadata, from 0; None for one of another kind."""
    kinds: list[str] = []
    rich: list[int] = []
    entries: list[tuple[int, int]] = []
    section = ""

    def each(name: str, attributes: Attributes) -> None:
        nonlocal section
        if name in {"cellMetadata", "valueMetadata"}:
            section = name
        elif name == "futureMetadata":
            section = attributes.get("name", "")
        elif name == "metadataType":
            kinds.append(attributes.get("name", ""))
        elif name == "rvb" and section == _RICH:
            rich.append(int(attributes["i"]) if "i" in attributes else -1)
        elif name == "rc" and section == "valueMetadata":
            entries.append((int(attributes.get("t", "0")), int(attributes.get("v", "0"))))

    walk(metadata, each)
    return [rich[value] if 0 < kind <= len(kinds) and kinds[kind - 1] == _RICH else None for kind, value in entries]
