"""Measure the page: seconds from a form that is dropped to the answer with its findings, on a server that runs."""

from __future__ import annotations

import http.client
import json
import sys
import time
from contextlib import contextmanager
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from benchmarks.process import serving
from pipeline import demo
from pipeline.demo.county import draw_returns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMS = 20
"""Forms that are dropped one after the other."""
STARTING = 60.0
"""Seconds within which the processes that check must have started."""


def drop_forms(year: int) -> list[float]:
    """Drop returns on the page one after the other; give the seconds of each answer."""
    forms = _forms(year)
    with serving("serve", "--port", "0", "--year", str(year)) as lines:
        page = urlsplit(next(lines).split()[-1])
        for _ in range(2):  # both processes have started when both have answered
            _drop(page.netloc, forms[0])
        return [_drop(page.netloc, form) for form in forms]


def _forms(year: int) -> list[bytes]:
    """Make returns of a county."""
    return [made.workbook() for made in islice(draw_returns(year, demo.SEED, demo.COUNT), FORMS)]


def _drop(address: str, form: bytes) -> float:
    began = time.perf_counter()
    connection = http.client.HTTPConnection(address, timeout=STARTING)
    connection.request("POST", "/check", form, {"X-File-Name": quote("报表.xlsx")})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    took = time.perf_counter() - began
    if not answer["scores"]:
        raise RuntimeError(f"the page did not evaluate a form: {answer['reason']}")
    return took


def parts(year: int) -> dict[str, float]:
    """Give the median seconds of checking one of the same forms in a process that runs, and of its parts.

    ``schemas`` are all validations by pandera, the rules in them included, ``rules`` the functions of the rules, and
    ``applies`` telling where each applies.
    """
    import pandera.pandas as pa  # noqa: PLC0415 - a fresh process measures this

    from pipeline.desk.check_processes import Upload  # noqa: PLC0415
    from pipeline.desk.precheck import check_upload  # noqa: PLC0415
    from schemas import policy as policies  # noqa: PLC0415
    from schemas.rules.model import Rule  # noqa: PLC0415

    policy, found = policies.load(year), []
    uploads = [Upload("报表.xlsx", form) for form in _forms(year)]
    check_upload(uploads[0], policy)
    for upload in uploads:
        seconds = {"schemas": 0.0, "rules": 0.0, "applies": 0.0}
        with (
            _timed(pa.DataFrameSchema, "validate", "schemas", seconds),
            _timed(pa.SeriesSchema, "validate", "schemas", seconds),
            _timed(Rule, "breaches", "rules", seconds),
            _timed(Rule, "applies", "applies", seconds),
        ):
            began = time.perf_counter()
            check_upload(upload, policy)
            found.append(seconds | {"all": time.perf_counter() - began})
    return {name: median(each[name] for each in found) for name in found[0]}


@contextmanager
def _timed(of: type, method: str, name: str, seconds: dict[str, float]) -> Iterator[None]:
    """Add up the seconds of a method."""
    original: Callable[..., Any] = getattr(of, method)

    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return original(*arguments, **named)
        finally:
            seconds[name] += time.perf_counter() - began

    setattr(of, method, timed)
    try:
        yield
    finally:
        setattr(of, method, original)


if __name__ == "__main__":
    print(json.dumps(parts(int(sys.argv[1]))))
