"""Give the house style to the page: the colours of `pipeline.house_style` as variables of CSS."""

from __future__ import annotations

from pipeline import house_style as house

_COLOURS = {
    "ink": house.INK,
    "quiet": house.QUIET,
    "navy": house.NAVY,
    "blue": house.BLUE,
    "grey": house.GREY,
    "rise": house.RISE,
    "fall": house.FALL,
    "grid": house.GRID,
    "computed-fill": house.COMPUTED_FILL,
    "computed-ink": house.COMPUTED_INK,
    "reviewed-fill": house.REVIEWED_FILL,
    "reviewed-ink": house.REVIEWED_INK,
    "asked-fill": house.ASKED_FILL,
    "asked-ink": house.ASKED_INK,
    "wrong-fill": house.WRONG_FILL,
    "wrong-ink": house.WRONG_INK,
    "fine-ink": house.FINE_INK,
    "link-ink": house.LINK_INK,
}
"""Each variable, without the ``--house-`` that all begin with."""


def house_css() -> str:
    """Give the style sheet."""
    lines = [f"  --house-{name}: {colour.lower()};" for name, colour in _COLOURS.items()]
    return "\n".join([":root {", *lines, "}", ""])
