"""What is let in: so many requests at once, so many bytes, within so many seconds."""

import asyncio
from dataclasses import dataclass

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Limits:
    """What a server takes upon itself."""

    bytes: int = 20_000_000
    """Of a request."""
    pixels: int = 25_000_000
    """Of an image."""
    waiting: int = 16
    """Requests at once, the one that is worked on included."""
    seconds: float = 60
    """For the request to come in, and again for the work."""


class Gate:
    """An ASGI middleware: reads a POST's body before the application sees it, within the limits.

    Answers 503 with `Retry-After` when too many are inside, 413 when the body is too long, 408 when it comes
    too slowly. Requests without a body go through.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app, self.limits, self.inside = app, limits, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in or refuse it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            self.inside += 1
            try:
                body = await asyncio.wait_for(self._body(receive), self.limits.seconds)
                if body is None:
                    refusal = self._too_long()
                else:
                    await self.app(scope, _replay(body, receive), send)
            except TimeoutError:
                refusal = _answer(408, f"the request took longer than {self.limits.seconds:g} seconds")
            finally:
                self.inside -= 1
        if refusal is not None:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        if self.inside >= self.limits.waiting:
            return _answer(503, "too many requests wait; try again", {"retry-after": "1"})
        told = dict(scope["headers"]).get(b"content-length", b"0")
        return self._too_long() if not told.isdigit() or int(told) > self.limits.bytes else None

    def _too_long(self) -> JSONResponse:
        return _answer(413, f"the request has more than {self.limits.bytes:,} bytes")

    async def _body(self, receive: Receive) -> bytes | None:
        """All of it, or None when it is too long; what a client that goes away sent."""
        parts, length, more = [], 0, True
        while more and length <= self.limits.bytes:
            message = await receive()
            parts.append(message.get("body", b""))
            length += len(parts[-1])
            more = message.get("more_body", False)
        return None if length > self.limits.bytes else b"".join(parts)


def _answer(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, {"connection": "close", **(headers or {})})


def _replay(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
