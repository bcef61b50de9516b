"""Runs that begin at once, to be killed and starved: everything is imported once, and each run is forked from that.

`python -m tests.support.runner` is the process that forks; it reads a line of JSON for each run and answers likewise.
Files are read in the run's own process, so that a run is one process; the real command with its workers is slower.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent.parent
WRITES = frozenset(
    {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree", "sqlite3.connect"}
)
"""What Python tells of before it changes something on disk; ctypes.dlsym comes before two folders are exchanged."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a run ended: its exit status, or minus the signal; what it said to people."""

    status: int
    told: str


class Runner:
    """Starts runs, one at a time."""

    def __enter__(self) -> Self:
        """Begin: import everything."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.runner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def run(self, *arguments: object, before: Callable[[int], object] = lambda _: None, **how: Any) -> Done:
        """Run a command; ``before`` is called with the id of its process, which then begins.

        ``how`` may be ``die_at``, the number of the change on disk before which it kills itself, and ``largest``, the
        bytes that a file of its may have.
        """
        self._say({"arguments": list(map(str, arguments)), **how})
        before(self._answer()["pid"])
        self._say("go")
        return Done(**self._answer())

    def _say(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def contents(folder: Path) -> dict[str, str]:
    """Give the digest of every result by its name, run.json apart, which tells the time."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items() if name != "run.json"}


def recorded(folder: Path) -> dict[str, str]:
    """Give what run.json says was written, name → sha256."""
    outputs: dict[str, str] = json.loads((folder / "run.json").read_text(encoding="utf-8"))["outputs"]
    return outputs


# ---------------------------------------------------------------------- the process that forks


def _serve() -> None:
    from pipeline.__main__ import main  # noqa: PLC0415
    from pipeline.cli import summary_text  # noqa: PLC0415, F401
    from pipeline.intake import county_view  # noqa: PLC0415, F401
    from pipeline.workers import open_pool, pool  # noqa: PLC0415

    vars(open_pool)["open_pool"] = lambda *_: pool.WorkerPool()
    print("{}", flush=True)
    for line in sys.stdin:
        how = json.loads(line)
        waits, begin = os.pipe()
        with tempfile.TemporaryFile() as told:
            child = os.fork()
            if child == 0:
                os.dup2(told.fileno(), 1)
                os.dup2(told.fileno(), 2)
                os.read(waits, 1)
                _end(main, how)
            print(json.dumps({"pid": child}), flush=True)
            sys.stdin.readline()
            os.write(begin, b"g")
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            told.seek(0)
            said = told.read().decode("utf-8", "replace")
        os.close(waits)
        os.close(begin)
        print(json.dumps({"status": status, "told": said}), flush=True)


def _end(main: Callable[[list[str]], int], how: dict[str, Any]) -> None:
    import resource  # noqa: PLC0415 - not on Windows
    import traceback  # noqa: PLC0415

    if "largest" in how:
        resource.setrlimit(resource.RLIMIT_FSIZE, (how["largest"], how["largest"]))
    if "die_at" in how:
        _die_at(how["die_at"])
    status = 1
    try:
        status = main(how["arguments"])
    except BaseException:  # noqa: BLE001 - whatever it was is told
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _die_at(number: int) -> None:
    left = number

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if opened or event in WRITES or (event == "ctypes.dlsym" and arguments[1] == "renameat2"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), 9)

    sys.addaudithook(hook)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    _serve()
