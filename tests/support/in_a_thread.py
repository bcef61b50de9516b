"""Run a command in a thread, so that one which does not end fails a test and does not stop all of them."""

from __future__ import annotations

import threading

import pytest

from pipeline.__main__ import main


def status_of(*arguments: str, seconds: float) -> int | None:
    """Run a command; give its exit status, None where it has not ended after so many seconds."""
    done: list[int] = []
    running = threading.Thread(target=lambda: done.append(_main(list(arguments))), daemon=True)
    running.start()
    running.join(seconds)
    return done[0] if done else None


def _main(arguments: list[str]) -> int:
    """Run the command away from the main thread, where no signal may be set."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("signal.signal", lambda *_: None)
        return main(arguments)
