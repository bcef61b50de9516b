"""How text looks in a Word document by its styles: struck through, hidden, raised, in a font of symbols.

What a run says of itself decides; else its character style, the style of its paragraph and that of its table do, each
with the styles that it is based on, and last the defaults of the document (ECMA-376, 17.7.2 and 17.7.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = {"0", "false", "off"}
STRUCK, STRUCK_TWICE, HIDDEN = "strike", "dstrike", "vanish"
_TOGGLED = {STRUCK, HIDDEN}
"""Properties that two styles turn off again when both turn them on."""
_KINDS = ("character", "paragraph", "table")


class Appearance(NamedTuple):
    """How a run looks."""

    struck: bool = False
    hidden: bool = False
    raised: str = ""
    font: str = ""


class TextStyles:
    """The styles of a document, by their ids."""

    def __init__(self, part: Any = None) -> None:
        """Take the styles over from the part that holds them, None where a document has none."""
        self._styles: dict[tuple[str, str], Any] = {}
        self._usual: dict[str, Any] = {}
        self._defaults: Any = None
        if part is not None:
            self._defaults = part.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
            for style in part.iter(f"{W}style"):
                kind = style.get(f"{W}type", "paragraph")
                self._styles[kind, style.get(f"{W}styleId", "")] = style
                if style.get(f"{W}default", "0") not in _OFF:
                    self._usual[kind] = style

    def appearance(self, run: Any) -> Appearance:
        """Give how a run looks, by itself and by its styles."""
        own = run.find(f"{W}rPr")
        levels = [self._said(own, kind, run) for kind in _KINDS] if self._styles else []
        return Appearance(
            _is_on(own, levels, self._defaults, STRUCK) or _is_on(own, levels, self._defaults, STRUCK_TWICE),
            _is_on(own, levels, self._defaults, HIDDEN),
            next(_values(own, levels, self._defaults, _raised), ""),
            next(_values(own, levels, self._defaults, _font), ""),
        )

    def _said(self, own: Any, kind: str, run: Any) -> list[Any]:
        """Give what the style of one kind says of a run: its properties, then those of the styles it is based on."""
        style = self._styles.get((kind, _named(own, kind, run)), self._usual.get(kind))
        found: list[Any] = []
        seen: set[int] = set()
        while style is not None and id(style) not in seen:
            seen.add(id(style))
            properties = style.find(f"{W}rPr")
            if properties is not None:
                found.append(properties)
            based = style.find(f"{W}basedOn")
            style = None if based is None else self._styles.get((kind, based.get(f"{W}val", "")))
        return found


def _named(own: Any, kind: str, run: Any) -> str:
    """Give the id of the style that a run, its paragraph or its table names, "" where it names none."""
    if kind == "character":
        named = None if own is None else own.find(f"{W}rStyle")
    else:
        name = "p" if kind == "paragraph" else "tbl"
        around = next(run.iterancestors(f"{W}{name}"), None)
        named = None if around is None else around.find(f"{W}{name}Pr/{W}{'pStyle' if name == 'p' else 'tblStyle'}")
    return "" if named is None else str(named.get(f"{W}val", ""))


def _is_on(own: Any, levels: list[list[Any]], defaults: Any, name: str) -> bool:
    """Tell whether a property is on: of two styles that both turn it on, the second turns it off."""
    stated = _stated(own, name)
    if stated is not None:
        return stated
    by_default = bool(_stated(defaults, name))
    said = [next((on for each in level if (on := _stated(each, name)) is not None), None) for level in levels]
    if name not in _TOGGLED:
        return next((on for on in said if on is not None), by_default)
    return by_default or sum(map(bool, said)) % 2 == 1


def _stated(properties: Any, name: str) -> bool | None:
    found = None if properties is None else properties.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val", "1") not in _OFF


def _values(own: Any, levels: list[list[Any]], defaults: Any, value: Callable[[Any], str]) -> Iterator[str]:
    """Give the values that are stated for a run, the one that decides first."""
    for properties in (own, *(each for level in levels for each in level), defaults):
        found = "" if properties is None else value(properties)
        if found:
            yield found


def _raised(properties: Any) -> str:
    found = properties.find(f"{W}vertAlign")
    return "" if found is None else str(found.get(f"{W}val", ""))


def _font(properties: Any) -> str:
    fonts = properties.find(f"{W}rFonts")
    return "" if fonts is None else str(fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "")


NO_STYLES = TextStyles()
"""Of a document without styles."""
