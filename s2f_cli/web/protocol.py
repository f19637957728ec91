"""HTTP connections with a time limit for the header of a request; uvicorn has none."""

import asyncio
import json

from uvicorn.protocols.http.h11_impl import H11Protocol


def with_header_limit(seconds: float) -> type[H11Protocol]:
    """A protocol for `uvicorn.Config(http=…)` that closes a connection whose header takes longer.

    A client that has sent a part of a header is answered 408.
    """

    class LimitedProtocol(H11Protocol):
        _limit: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._limit = self.loop.call_later(seconds, self._give_up)
            self._started = False

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_limit()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            self._started = True
            super().data_received(data)
            if not self._waits():
                self._stop_limit()
            elif self._limit is None:  # the next request of the connection
                self._limit = self.loop.call_later(seconds, self._give_up)

        def _waits(self) -> bool:
            """Whether the header of a request is missing or incomplete."""
            return self.cycle is None or self.cycle.response_complete

        def _stop_limit(self) -> None:
            if self._limit is not None:
                self._limit.cancel()
                self._limit = None

        def _give_up(self) -> None:
            self._limit = None
            if not self._waits() or self.transport.is_closing():
                return
            if self._started:
                self.transport.write(_refusal(seconds))
            self.transport.close()

    return LimitedProtocol


def _refusal(seconds: float) -> bytes:
    body = json.dumps({"detail": f"the header took longer than {seconds:g} seconds"})
    return (
        "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n{body}"
    ).encode()
