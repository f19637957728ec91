"""A limit on how many images a client may send in a minute."""

import ipaddress
import math
import sqlite3
import time
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from s2f_cli.web.access import CLIENT
from s2f_cli.web.refusals import refusal

_MINUTE = 60
_NETWORK = 64
"""The bits of an IPv6 address that say to whom it belongs; one household has all the others."""


class RateLimiter:
    """Counts the requests of each client with the generic cell rate algorithm (ITU-T I.371, annex A).

    A client has one number: the time at which all its requests would be due at the permitted rate. Workers
    share the numbers in a file.
    """

    def __init__(self, per_minute: int, file: Path | None = None) -> None:
        self._interval = _MINUTE / per_minute
        self._database = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE IF NOT EXISTS clients (name TEXT PRIMARY KEY, due REAL)")
        self._swept = 0.0

    def wait(self, client: str, now: float | None = None) -> float:
        """Count a request at `now`, in seconds, and return 0; or the seconds until the next is permitted."""
        now = time.time() if now is None else now
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            if now - self._swept > _MINUTE:
                self._database.execute("DELETE FROM clients WHERE due < ?", (now,))
                self._swept = now
            found = self._database.execute("SELECT due FROM clients WHERE name = ?", (client,)).fetchone()
            due = max(found[0] if found else now, now)
            wait = due - now - (_MINUTE - self._interval)
            if wait > 1e-6:
                return wait
            self._database.execute("REPLACE INTO clients VALUES (?, ?)", (client, due + self._interval))
            return 0.0


class RateMiddleware:
    """ASGI middleware that answers 429 with `Retry-After` to clients that send images too often."""

    def __init__(self, app: ASGIApp, limiter: RateLimiter) -> None:
        self.app, self._limiter = app, limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and scope["method"] == "POST":
            wait = self._limiter.wait(scope.get(CLIENT) or client_of(scope))
            if wait:
                detail = f"too many requests from this client; try again in {math.ceil(wait)} s"
                await refusal(429, detail, {"retry-after": str(math.ceil(wait))})(scope, receive, send)
                return
        await self.app(scope, receive, send)


def client_of(scope: Scope) -> str:
    """The address of the client, of IPv6 the network; empty if it is unknown."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return str(host)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _NETWORK), strict=False))
    return str(address)
