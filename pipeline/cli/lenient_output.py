"""Let a command finish though what it prints cannot be written: the terminal, pipe or disk behind stdout is gone."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


class LenientOutput:
    """A text stream whose failures do not stop the program.

    After the first failure the rest goes nowhere, and ``failure`` says why.
    """

    def __init__(self, stream: TextIO) -> None:
        """Wrap a stream."""
        self._stream = stream
        self.failure: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        """Give anything else of the stream itself."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or note that it failed."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._note(error)
            return len(text)

    def flush(self) -> None:
        """Flush, or note that it failed."""
        try:
            self._stream.flush()
        except OSError as error:
            self._note(error)

    def _note(self, error: OSError) -> None:
        self.failure = self.failure or error
        # What is left in the buffer would fail once more when the program ends.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def open_standard_streams() -> None:
    """Open what of stdin, stdout and stderr is closed onto nothing; else the next file that is opened takes its place.

    What a worker or a library printed would then be written into a file of results.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


@contextmanager
def lenient_output() -> Iterator[LenientOutput]:
    """Make stdout and stderr lenient for a while; give the former.

    A stream that was closed before the program began is None; what is printed there goes nowhere.
    """
    before = sys.stdout, sys.stderr
    with ExitStack() as opened:

        def nowhere() -> TextIO:
            return opened.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123 - a device, no file

        output, errors = (LenientOutput(stream or nowhere()) for stream in before)
        sys.stdout, sys.stderr = output, errors
        try:
            yield output
        finally:
            sys.stdout, sys.stderr = before
