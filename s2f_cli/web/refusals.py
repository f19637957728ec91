"""Refusals of one form, `{"detail": "…"}`, and the HEAD requests of monitors."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from s2f_cli.core.errors import S2FError
from s2f_cli.core.registry import did_you_mean
from s2f_cli.web.observing import REQUEST_ID

_ISOLATION = (
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Refusal(BaseModel):
    """The answer to a request that is refused."""

    detail: str


def described(slow: str) -> dict[int | str, dict[str, Any]]:
    """The refusals of a request with an image, for the API's description; `slow` says what took too long."""
    descriptions = {
        400: "not a form",
        401: "no API key, where one is needed",
        408: "the request took too long to arrive",
        413: "too many bytes or pixels",
        422: "not an image, or parameters that no model supports",
        429: "too many requests from this client; try again after `Retry-After` seconds",
        503: "too many requests; try again after `Retry-After` seconds",
        504: slow,
    }
    return {
        status: {"model": Refusal, "description": description} for status, description in descriptions.items()
    }


def refusal(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to a request whose body was not read, which is why its connection is closed."""
    return JSONResponse({"detail": detail}, status, {"connection": "close", **(headers or {})})


class HeadMiddleware:
    """ASGI middleware that answers HEAD as GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, send_without_body)


class IsolationMiddleware:
    """ASGI middleware that isolates the page from those of other hosts, which lets it use threads."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_ISOLATION]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


class HostMiddleware:
    """ASGI middleware that answers 400 to requests with another Host header than the given ones."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or "*" in self.hosts or _host(scope) in self.hosts:
            await self.app(scope, receive, send)
        else:
            await JSONResponse({"detail": "this server does not have that name"}, 400)(scope, receive, send)


def _host(scope: Scope) -> str:
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


def add_handlers(app: FastAPI) -> None:
    """Answer every error of the application in this form, without paths or stack traces."""

    @app.exception_handler(Exception)
    async def internal_error(request: Request, error: Exception) -> JSONResponse:
        headers = {"x-request-id": REQUEST_ID.get()}
        return JSONResponse({"detail": "internal error; see the server's log"}, 500, headers)

    @app.exception_handler(S2FError)
    async def user_error(request: Request, error: S2FError) -> JSONResponse:
        return JSONResponse({"detail": error.message}, 422)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"detail": "; ".join(dict.fromkeys(map(_line, error.errors())))}, 422)


def _line(error: dict[str, object]) -> str:
    place = error["loc"]
    names = [str(part) for part in place[1:]] if isinstance(place, tuple) else []
    if error["type"] == "missing":
        return f"{'.'.join(names) or 'the body'} is missing"
    if names[:1] in (["image"], ["like"]):
        return f"{names[0]} is not an uploaded file"
    message = str(error["msg"])
    return f"{'.'.join(names) or 'the body'}: {message[:1].lower()}{message[1:]}"


async def refuse_unknown(request: Request) -> None:
    """A dependency that refuses unknown and repeated parameters and form fields."""
    route = request.scope["route"]
    dependants = [route.dependant, *route.dependant.dependencies]
    known = {field.alias for dependant in dependants for field in dependant.query_params}
    _check([name for name, _ in request.query_params.multi_items()], known, "parameter")
    form = await request.form()
    _check([name for name, _ in form.multi_items()], {f.alias for f in route.dependant.body_params}, "field")


def _check(names: Sequence[str], known: set[str], kind: str) -> None:
    for name in names:
        if name not in known:
            shown = name[:40].encode("ascii", "backslashreplace").decode()
            raise HTTPException(422, f"there is no {kind} {shown!r}; {did_you_mean(shown, sorted(known))}")
        if names.count(name) > 1:
            raise HTTPException(422, f"the {kind} {name} is given {names.count(name)} times")
