"""Money, numbers and times against another reader of Chinese: what it reads otherwise is decided case by case."""

from __future__ import annotations

import importlib
import tomllib
from contextlib import redirect_stdout
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemas.text.model import Sort
from schemas.text.normalise import normal
from schemas.text.numerals import number
from schemas.text.targets import parse
from schemas.text.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TESTS = Path(__file__).parent.parent
YEAR = 2021
YUAN = 10_000
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def jio() -> Any:
    """Give jionlp, which is there for tests only; without it these are skipped."""
    with redirect_stdout(StringIO()):
        try:
            return importlib.import_module("jionlp")
        except ImportError as error:
            pytest.skip(f"jionlp cannot be imported: {error}")


def _cases(name: str) -> Any:
    return tomllib.loads((TESTS / "cases" / f"{name}.toml").read_text(encoding="utf-8"))


def _texts() -> list[str]:
    """Give every target and actual of the worked cases and returns."""
    texts = {cell["text"] for cell in _cases("targets")["cell"]}
    texts |= {row[name] for row in _cases("rows")["row"] for name in ("target", "actual")}
    for path in (TESTS / "returns").rglob("*.toml"):
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["indicators"]
        texts |= {str(row.get(name, "")) for row in rows for name in ("target", "actual")}
    return sorted(texts)


def _ours() -> Iterator[tuple[str, str, Decimal | str]]:
    """Give what we read: kind, the passage, and its value: 元, a number, or the last day."""
    for text in _texts():
        found = parse(text)
        if found.last_day:
            year, month, day = found.last_day
            yield "time", normal(text), f"{year or YEAR}-{month:02}-{day:02}"
        if found.sort is not Sort.MEASURE or found.high is not None:
            continue
        passage = "".join(part.text for part in found.parts if part.role in {Role.NUMBER, Role.TIMES, Role.UNIT})
        if found.dimension == "money" and found.value is not None:
            yield "money", passage, found.value * YUAN
        figures = next(part.text for part in found.parts if part.role == Role.NUMBER)
        yield "number", figures, number(figures) or Decimal(0)


def _theirs(jio: Any, kind: str, text: str) -> Decimal | str:
    """Give what jionlp reads, "" where it refuses."""
    read: dict[str, Callable[[], Decimal | str]] = {
        "time": lambda: str(jio.parse_time(text, time_base={"year": YEAR, "month": 12, "day": 31})["time"][-1][:10]),
        "money": lambda: Decimal(jio.parse_money(text)["num"]),
        "number": lambda: Decimal(jio.parse_money(f"{text}元")["num"]),
    }
    try:
        return read[kind]()
    except Exception:  # noqa: BLE001 - it raises whatever it comes upon
        return ""


def _rounded(value: Decimal | str) -> str:
    """Write a value as both are compared: it knows no more than cents."""
    return str(value.quantize(CENT)) if isinstance(value, Decimal) else value


def test_money_numbers_and_times_are_read_as_another_program_reads_them(jio: Any) -> None:
    """Of at least 300 passages, those that jionlp reads otherwise are exactly the ones that were decided."""
    ours = {(kind, text): value for kind, text, value in _ours()}
    assert len(ours) >= 300
    read = {key: (value, _theirs(jio, *key)) for key, value in ours.items()}
    differ = {key: tuple(map(_rounded, values)) for key, values in read.items() if len(set(map(_rounded, values))) > 1}
    decided = {
        (case["kind"], case["text"]): (
            case["ours"] if case["kind"] == "time" else _rounded(Decimal(case["ours"])),
            case["theirs"],
        )
        for case in _cases("oracle")["differs"]
    }
    assert differ == decided
