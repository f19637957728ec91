"""Request limits."""

import asyncio
from dataclasses import dataclass

from prometheus_client import Gauge
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from s2f_cli.web.refusals import refusal


@dataclass(frozen=True)
class RequestLimits:
    """The limits of a server on requests."""

    bytes: int = 20_000_000
    """Maximum size of a request, in bytes."""
    pixels: int = 25_000_000
    """Maximum size of an image, in pixels."""
    concurrent: int = 16
    """Maximum number of requests at once, including the one being processed."""
    seconds: float = 60
    """Maximum time for a request to arrive, and again for the work."""


class LimitMiddleware:
    """ASGI middleware that reads the body of a request within the limits before the application sees it.

    It answers 503 with `Retry-After` to too many requests, 413 if the body is too long, 408 if it arrives too
    slowly. GET, HEAD and OPTIONS requests pass. `queue` counts the others that it lets in.
    """

    def __init__(self, app: ASGIApp, limits: RequestLimits, queue: Gauge) -> None:
        self.app, self.limits, self.queue, self.active = app, limits, queue, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        answer = self._refusal(scope)
        if answer is None:
            self.active += 1
            self.queue.inc()
            try:
                body = await asyncio.wait_for(self._body(receive), self.limits.seconds)
                if body is None:
                    answer = self._too_long()
                else:
                    await self.app(scope, _replay(body, receive), send)
            except TimeoutError:
                answer = refusal(408, f"the request took longer than {self.limits.seconds:g} seconds")
            finally:
                self.active -= 1
                self.queue.dec()
        if answer is not None:
            await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        if self.active >= self.limits.concurrent:
            return refusal(503, "too many requests; try again", {"retry-after": "1"})
        length = dict(scope["headers"]).get(b"content-length", b"0")
        return self._too_long() if not length.isdigit() or int(length) > self.limits.bytes else None

    def _too_long(self) -> JSONResponse:
        return refusal(413, f"the request has more than {self.limits.bytes:,} bytes")

    async def _body(self, receive: Receive) -> bytes | None:
        """Read the whole body, or until the client disconnects; None if it is too long."""
        parts, length, more = [], 0, True
        while more and length <= self.limits.bytes:
            message = await receive()
            parts.append(message.get("body", b""))
            length += len(parts[-1])
            more = message.get("more_body", False)
        return None if length > self.limits.bytes else b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that repeats a body already read, then passes on the original's messages."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay
