"""Every request gets a number, is counted, and is logged."""

import logging
import re
import uuid
from contextvars import ContextVar
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from s2f_cli.web.metrics import Metrics

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The number of the request that this task works on; empty outside of one."""
_HEADER = b"x-request-id"
_ACCEPTED = re.compile(rb"[\w.-]{1,100}", re.ASCII)
_CLIENT_LEFT, _INTERNAL_ERROR = 499, 500

_log = logging.getLogger("s2f.requests")


class ObservingMiddleware:
    """ASGI middleware that numbers, counts and logs requests.

    The number is that of the header `X-Request-ID`, if a proxy has given one of up to 100 letters, digits,
    `_`, `.` and `-`. The answer repeats it.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the status is 499 if the client left before the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(_HEADER, b"")
        number = given if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex.encode()
        # Not reset: uvicorn logs the stack trace of an error after this middleware has ended.
        REQUEST_ID.set(number.decode())
        status, size, start = _CLIENT_LEFT, 0, perf_counter()

        async def send_numbered(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (_HEADER, number)]}
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, send_numbered)
        except Exception:
            status = _INTERNAL_ERROR
            raise
        finally:
            seconds = perf_counter() - start
            self.metrics.answered(scope["method"], scope["path"], status, seconds)
            client = scope.get("client")
            fields = {
                "client": client[0] if client else "",
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "seconds": round(seconds, 4),
                "bytes": size,
            }
            _log.info("request", extra={"fields": fields})
