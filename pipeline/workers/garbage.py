"""How a process looks for garbage: seldom while it makes workbooks, which are many small things that all go at once."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def calm() -> None:
    """Look for garbage seldom: looking takes a tenth of a run, and finds next to nothing."""
    gc.freeze()
    gc.set_threshold(30_000, 10, 10)


@contextmanager
def calmly() -> Iterator[None]:
    """Be `calm` for a while: whoever goes on afterwards, as a watch does, must find its garbage again."""
    before = gc.get_threshold()
    calm()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
