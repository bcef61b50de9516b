"""Fuzz what stands between a department's bytes and our numbers: `python -m tests.support.fuzz MINUTES`.

Where atheris is installed (`pip install atheris`; it is not locked, and not made for every Python) the search is guided
by what of our code an input reaches, else inputs are mutated at random. What is found is printed, and written to
`fuzz-finds/`; mended, it becomes a case of `tests/promises/test_fuzz.py`.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import math
import random
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.guard.notes import Refused
from pipeline.reading.parse_cell import LARGEST, Cleaned, clean
from pipeline.reading.workbook import book
from schemas.forms.model import Kind
from schemas.text.model import Sort, Target, show
from schemas.text.targets import parse, parse_actual
from tests.support import forged, hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent.parent
GUIDED = importlib.util.find_spec("atheris") is not None
FOLLOWED = (
    "pipeline.reading.parse_cell",
    "pipeline.guard",
    "pipeline.reading.workbook",
    "schemas.text",
)
"""Modules of which atheris follows what an input reaches."""
SLOW = 2.0
"""Seconds of the processor that no input may take: text takes microseconds, a workbook milliseconds."""
_FACTORS = [Decimal(each) for each in ("1", "1e-4", "1e4", "0.1", "0.01", "0.001")]
_PARTS = sorted(forged.parts())


def numbers(data: bytes) -> None:
    """Check that a cell reads as a number only where one stands there, and as that one."""
    text = data.decode("utf-8", "ignore")
    for kind in (Kind.AMOUNT, Kind.RATE, Kind.COUNT, Kind.POINTS, Kind.YEAR):
        _is_what_is_written(text, clean(text, kind))


def _is_what_is_written(text: str, read: Cleaned) -> None:
    value = read.value
    assert value is None or isinstance(value, float)
    if value is None:
        return
    assert math.isfinite(value)
    assert abs(value) < LARGEST
    runs = re.findall(r"[0-9][0-9,.]*|\.[0-9]+", re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)))
    assert len(runs) == 1, f"{text!r} holds several figures and was read as {value}"
    figure = Decimal(runs[0].replace(",", "").rstrip("."))
    assert any(math.isclose(value, sign * float(figure * by), rel_tol=1e-14) for by in _FACTORS for sign in (1, -1))


def targets(data: bytes) -> None:
    """Check that a target is a number only where one stands there, and that it reads the same as it is shown."""
    text = data.decode("utf-8", "ignore")
    for read in (parse(text), parse_actual(text)):
        assert (read.value is None) == (read.sort is not Sort.MEASURE)
        if read.value is not None:
            assert read.value.is_finite()
            assert read.high is None or (read.high.is_finite() and read.high >= read.value)
            assert any(character.isnumeric() or character == "两" for character in unicodedata.normalize("NFKC", text))
            _reads_as_shown(read)


def _reads_as_shown(read: Target) -> None:
    again = parse_actual(show(read))
    if again.sort is Sort.MEASURE:
        assert (again.value, again.high, again.comparison) == (read.value, read.high, read.comparison), show(read)


def workbooks(data: bytes) -> None:
    """Check that bytes are refused with a reason or read, as an archive, as any part of a workbook, and as an .xls."""
    which, content = (data[0] if data else 0), data[1:]
    if which < len(_PARTS):
        content = forged.zipped({**forged.parts(), _PARTS[which]: content})
    elif which == len(_PARTS):  # the stream of an old workbook, in a container that is sound
        content = forged.container({"Workbook": content})
    try:
        book(content)
    except Refused as refusal:
        assert re.search("[一-鿿]", str(refusal))  # noqa: PT017 - which of the two it is does not matter


def _seeds_of_targets() -> Iterator[bytes]:
    for name in ("targets", "rows"):
        text = (ROOT / "tests" / "cases" / f"{name}.toml").read_text(encoding="utf-8")
        yield from (each.encode() for each in _strings(tomllib.loads(text)))


def _seeds_of_numbers() -> Iterator[bytes]:
    from tests.support import corpus  # noqa: PLC0415 - brings pandas

    yield from (str(raw).encode() for _, _, cases in corpus.TYPED for raw, *_ in cases)


def _seeds_of_workbooks() -> Iterator[bytes]:
    for which, name in enumerate(_PARTS):
        part = forged.parts()[name]
        yield bytes([which]) + (part if isinstance(part, bytes) else part.encode())
    yield bytes([len(_PARTS)]) + forged.xls(forged.XLS_CELLS)
    yield from (b"\xff" + case.make() for case in hostile.CASES.values() if len(case.make()) < 2**16)


def _strings(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, (list, dict)):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from _strings(each)


FUZZED: dict[str, tuple[Callable[[bytes], None], Callable[[], Iterator[bytes]]]] = {
    "numbers": (numbers, _seeds_of_numbers),
    "targets": (targets, _seeds_of_targets),
    "workbooks": (workbooks, _seeds_of_workbooks),
}
"""What is fuzzed: what must hold of any bytes, and bytes to begin with."""
_DIGITS = "0 1 9 37 1,000 99999999999 . , ． ， ① ² ٣ 〇 十五 两 百 1.5e3 nan inf -1"
_SIGNS = "+ - － ( ) % ‰ ％ ¥ ≥ ≤ > < = ~ — x E"
_UNITS = "万 亿 元 万元 亿元 千元 人 名 家 分 成 倍 百分之 2021年 12月 31日 底前 前 及时 至 以上 以下 不低于 约"
_MARKUP = '< > " /> & XFD1048576 A1:XFD1048576 <!DOCTYPE &#0; &#x110000; ]]> <?xml'
PIECES = [*f"{_DIGITS} {_SIGNS} {_UNITS} {_MARKUP}".split(" "), " ", "\u3000", "\u200b", "\ufeff", "\n", "\t", "\0"]
"""What inputs are odd with."""


def mutated(seed: bytes, dice: random.Random) -> bytes:
    """Change some bytes: others, fewer, twice, or something odd between."""
    for _ in range(dice.randint(1, 4)):
        at, length = dice.randint(0, len(seed)), dice.choice([0, 0, 1, 1, 2, 4, 8, 60])
        piece = dice.choice([bytes([dice.randrange(256)]), dice.choice(PIECES).encode(), seed[at : at + length] * 2])
        seed = seed[:at] + piece + seed[at + length :]
    return seed


def checked(check: Callable[[bytes], None], data: bytes) -> None:
    """Check what must hold of some bytes, and that it takes no time."""
    before = time.process_time()
    check(data)
    assert time.process_time() - before < SLOW, "too slow"


def _search(name: str, seconds: float, corpus: Path, last: Path) -> None:
    """Search for so long; every input is written down before it is tried, in case it ends the process."""
    check, seeds = FUZZED[name]

    def tried(data: bytes) -> None:
        if name == "workbooks":
            last.write_bytes(data)
        checked(check, data)

    begin = list(seeds())
    if GUIDED:
        atheris = importlib.import_module("atheris")  # not locked, and seldom there

        for each in _functions():
            atheris.instrument_func(each)
        for number, seed in enumerate(begin):
            (corpus / f"{number:04d}").write_bytes(seed)
        longest = max(map(len, begin)) + 100 if name == "workbooks" else 60
        options = [f"-max_total_time={math.ceil(seconds)}", f"-max_len={longest}", "-verbosity=0", "-timeout=10"]
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={last}.", str(corpus)], tried)
        atheris.Fuzz()
    dice, end = random.Random(), time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(dice.choice(begin), dice)
        try:
            tried(data)
        except Exception:  # noqa: BLE001 - whatever it is, it is a find
            last.write_bytes(data)
            traceback.print_exc()
            sys.exit(1)


def _functions() -> Iterator[Any]:
    """Give every function of the modules that are followed, those of their classes too."""
    for module in [module for name, module in sys.modules.items() if name.startswith(FOLLOWED)]:
        kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
        every = [each for owner in (module, *kinds) for each in vars(owner).values() if callable(each)]
        found = {id(each): each for each in map(inspect.unwrap, every) if inspect.isfunction(each)}
        yield from (each for each in found.values() if each.__module__ == module.__name__)


def main(minutes: float) -> int:
    """Fuzz everything in turn, for so many minutes in all, each in a process of its own; give how many finds."""
    finds = 0
    folder = ROOT / "fuzz-finds"
    folder.mkdir(exist_ok=True)
    for name in FUZZED:
        end = time.monotonic() + 60 * minutes / len(FUZZED)
        with tempfile.TemporaryDirectory() as corpus:
            while (left := end - time.monotonic()) > 0:
                last = folder / f"{name}-{finds}"
                asked = json.dumps([name, left, corpus, str(last)])
                done = subprocess.run([sys.executable, "-m", "tests.support.fuzz", "--search", asked], check=False)
                if done.returncode == 0:
                    last.unlink(missing_ok=True)
                    break
                finds += 1
    print(f"{finds} finds" + (f" in {folder}" if finds else ""))
    return finds


if __name__ == "__main__":
    if sys.argv[1] == "--search":
        which, seconds, corpus, last = json.loads(sys.argv[2])
        _search(which, seconds, Path(corpus), Path(last))
    else:
        sys.exit(main(float(sys.argv[1])) > 0)
