"""Close connections whose request does not arrive in time: a few unfinished ones would keep everybody else out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

SECONDS = 15.0
"""What a browser on a slow line needs for the headers of a request, many times over."""


class TimedProtocol(H11Protocol):
    """HTTP of uvicorn with a bound on the time from connecting, or from the last response, to whole headers.

    uvicorn bounds only the time in which nothing arrives after a response. The body of an upload has a bound of its own
    (`pipeline.web.app.SENDING`).
    """

    seconds = SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        super().connection_lost(exc)
        if self._timer:
            self._timer.cancel()

    def on_response_complete(self) -> None:
        """Wait for the next request; what still arrives of the one that was answered does not count."""
        super().on_response_complete()
        self._wait()

    def _wait(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self.loop.call_later(self.seconds, self._close_if_waiting)

    def _close_if_waiting(self) -> None:
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            self.transport.close()
