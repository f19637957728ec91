"""Who may use the server: API keys, and the origins of pages."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from s2f_cli.web.refusals import refusal

CLIENT = "s2f.client"
"""The key of the client's name in the scope of a request with an API key."""
OPEN_PATHS = ("/health", "/ready")
"""What needs no key."""


@dataclass(frozen=True)
class Access:
    """Who may use the server, and how often."""

    keys: tuple[str, ...] = ()
    """The API keys; without any, no request needs one."""
    origins: tuple[str, ...] = ()
    """Origins whose pages may use the API, such as `https://example.org`; `*` is any."""
    rate: int = 0
    """Images that a client may send in a minute; 0 is no limit."""


class KeyMiddleware:
    """ASGI middleware that answers 401 to requests without an API key.

    The key is given as `Authorization: Bearer KEY`, as `X-API-Key: KEY`, or as the password of any user
    (Basic), for which browsers ask.
    """

    def __init__(self, app: ASGIApp, keys: Sequence[str]) -> None:
        self.app = app
        self._digests = [hashlib.sha256(key.encode()).digest() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        digest = hashlib.sha256(_given(dict(scope["headers"]))).digest()
        if any(hmac.compare_digest(digest, known) for known in self._digests):
            await self.app({**scope, CLIENT: digest.hex()}, receive, send)
            return
        answer = refusal(
            401, "an API key is needed: Authorization: Bearer KEY", {"www-authenticate": 'Basic realm="s2f"'}
        )
        await answer(scope, receive, send)


class OriginMiddleware(CORSMiddleware):
    """ASGI middleware that lets pages of some origins use the API, with keys."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "X-API-Key", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )


def _given(headers: dict[bytes, bytes]) -> bytes:
    scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip()
    if scheme.lower() == b"basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except ValueError:
            return b""
    return headers.get(b"x-api-key", b"")
