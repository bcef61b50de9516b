"""Start a Dask cluster on this machine: a scheduler and workers of one thread, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.process import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMEOUT = 60
"""Seconds that scheduler and workers may take to start."""


@contextmanager
def start_cluster(
    scratch: Path, workers: int, *, restarted: bool = False
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Give the address of a scheduler and its workers, until they are no longer needed.

    Args:
        scratch: a folder for what scheduler and workers write.
        workers: the number of workers.
        restarted: start a worker that has ended again; an item that has ended one is then not tried a second time.
    """
    address_file = scratch / f"scheduler-{workers}.json"
    common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(address_file)]
    one_thread = ["--nthreads", "1", "--death-timeout", str(TIMEOUT), "--local-directory", str(scratch)]
    failures = "0" if restarted else "3"
    started = [_start("dask_scheduler", [*common, "--port", "0", "--no-show"], failures)]
    try:
        nanny = "--nanny" if restarted else "--no-nanny"
        started += [_start("dask_worker", [*common, *one_thread, nanny], failures) for _ in range(workers)]
        while not address_file.exists():
            if started[0].poll() is not None:
                raise RuntimeError("the Dask scheduler ended before it had an address; is Dask installed?")
            time.sleep(0.1)
        from distributed import Client  # noqa: PLC0415 - an extra, and slow to import

        with Client(scheduler_file=str(address_file), timeout=TIMEOUT) as client:
            client.wait_for_workers(workers, timeout=TIMEOUT)
            yield client.scheduler.address, started[1:]
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def _start(command: str, arguments: list[str], failures: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{command}", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": failures, "PYTHONPATH": str(ROOT)},
    )
