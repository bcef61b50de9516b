"""Documents that people go on writing in: what stands at their place is never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.output import files as output_files

if TYPE_CHECKING:
    from pathlib import Path


def place(path: Path, content: bytes) -> Path | None:
    """Put a document in place; another one that stands there is kept under a new name.

    Raises:
        OpenedError: somebody has it open in an office program.

    Returns:
        The new name of what stood there: 全县通报（旧1）.docx; None where nothing did, or the very same.
    """
    try:
        if path.read_bytes() == content:
            return None
    except FileNotFoundError:
        output_files.place(path, content)
        return None
    output_files.refuse_open(path)
    aside = output_files.aside(path)
    path.rename(aside)
    output_files.place(path, content)
    return aside
