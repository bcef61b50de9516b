"""Record every call that a program makes of XlsxWriter, one tape a workbook, and replay it by XlsxWriter alone.

Only calls by the program are recorded: calls inside another call are the library's own, and so are those that a
subclass of the program makes inside a method of the library. A tape has only methods of the original classes and is
replayed on those.

A tape is a row of pickles: the options of the workbook, then parts. A part is a list of calls (number of the object,
method, arguments) whose last call makes an object, a format, a sheet or a chart, which gets the next number; the
workbook itself has number 0. Arguments name objects by number, which the pickle resolves when the part is loaded.
"""

from __future__ import annotations

import functools
import io
import pickle
import time
from contextlib import contextmanager
from types import FunctionType
from typing import IO, TYPE_CHECKING, Any

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_STOCK = (Workbook, Worksheet, Format, Chart)
_OWN = ("worksheet_class", "chartsheet_class")
"""Arguments that name a subclass of the program; the original class is used instead."""
ENDING = ".tape"


class _Tape:
    """The recorded calls of one workbook."""

    def __init__(self, book: Workbook, options: dict[str, Any]) -> None:
        self._stream = io.BytesIO()
        self._objects: list[Any] = []  # kept alive, so that no other object gets the identity of one
        self._numbers: dict[int, int] = {}
        self._calls: list[tuple[int, str, tuple[Any, ...], dict[str, Any]]] = []
        self._knows(book)
        pickle.dump(options, self._stream)

    def knows(self, what: object) -> bool:
        """Tell whether this is the workbook or an object of it."""
        return id(what) in self._numbers

    def add(self, of: object, method: str, args: tuple[Any, ...], named: dict[str, Any], result: object) -> None:
        """Record a call; one that gives a new object, or closes the workbook, ends a part."""
        named = {name: value for name, value in named.items() if name not in _OWN}
        self._calls.append((self._numbers[id(of)], method, args, named))
        new = isinstance(result, _STOCK) and not self.knows(result)
        if new or method == "close":
            _Pickler(self._stream, self._numbers).dump(self._calls)
            self._calls = []
        if new:
            self._knows(result)

    def content(self) -> bytes:
        return self._stream.getvalue()

    def _knows(self, what: object) -> None:
        self._numbers[id(what)] = len(self._objects)
        self._objects.append(what)


class _Pickler(pickle.Pickler):
    def __init__(self, stream: IO[bytes], numbers: dict[int, int]) -> None:
        super().__init__(stream)
        self._numbers = numbers

    def persistent_id(self, obj: Any) -> int | None:
        return self._numbers.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: IO[bytes], objects: list[Any]) -> None:
        super().__init__(stream)
        self._objects = objects

    def persistent_load(self, pid: Any) -> Any:
        return self._objects[pid]


class _Recorder:
    """Writes the tape of each workbook into a folder when the workbook is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[_Tape] = []
        self._closed = 0
        self._inside = False

    def heard(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a method so that calls by the program itself are recorded."""

        @functools.wraps(function)
        def method(this: Any, *args: Any, **named: Any) -> Any:
            if self._inside:
                return function(this, *args, **named)
            self._inside = True
            try:
                result = function(this, *args, **named)
            finally:
                self._inside = False
            if name == "__init__":
                self._open.append(_Tape(this, _options(*args, **named)))
            else:
                self._keep(this, name, args, named, result)
            return result

        return method

    def _keep(self, this: object, name: str, args: tuple[Any, ...], named: dict[str, Any], result: object) -> None:
        tape = next(each for each in reversed(self._open) if each.knows(this))
        tape.add(this, name, args, named, result)
        if name == "close":
            self._open.remove(tape)
            (self._folder / f"{self._closed:06}{ENDING}").write_bytes(tape.content())
            self._closed += 1


def _options(_filename: object = None, options: dict[str, Any] | None = None) -> dict[str, Any]:
    return dict(options or {})


@contextmanager
def recording(folder: Path) -> Iterator[None]:
    """Record every workbook that is written meanwhile, in the order in which they are closed.

    Subclasses of the program are recorded if they are already imported.
    """
    recorder = _Recorder(folder)
    kinds = [each for stock in _STOCK for each in _with_own(stock)]
    names = {name for kind in kinds if kind.__module__.startswith("xlsxwriter.") for name in _asked(kind)}
    before = [(kind, name, vars(kind)[name]) for kind in kinds for name in names if name in _asked(kind)]
    before.append((Workbook, "__init__", Workbook.__init__))
    for kind, name, function in before:
        setattr(kind, name, recorder.heard(name, function))
    try:
        yield
    finally:
        for kind, name, function in before:
            setattr(kind, name, function)


def _with_own(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    below: list[type[Any]] = kind.__subclasses__()
    for each in below:
        yield from _with_own(each)


def _asked(kind: type) -> list[str]:
    """Give the public methods of a class."""
    return [name for name, held in vars(kind).items() if isinstance(held, FunctionType) and not name.startswith("_")]


def replay(tape: Path) -> tuple[bytes, float]:
    """Write a workbook again from its tape; give its bytes, and the CPU seconds that XlsxWriter took.

    Loading the calls and looking up objects and methods is not measured.
    """
    buffer = io.BytesIO()
    with tape.open("rb") as stream:
        options = pickle.load(stream)  # noqa: S301 - recorded a moment ago, by ourselves
        began = time.process_time()
        objects: list[Any] = [Workbook(buffer, options)]
        seconds = time.process_time() - began
        while stream.peek(1):
            calls = _Unpickler(stream, objects).load()
            ready = [(getattr(objects[number], method), args, named) for number, method, args, named in calls]
            result = None
            began = time.process_time()
            for call, args, named in ready:
                result = call(*args, **named)
            seconds += time.process_time() - began
            objects.append(result)
    return buffer.getvalue(), seconds
