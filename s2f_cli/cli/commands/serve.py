"""`s2f serve`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli.cli import completion, console
from s2f_cli.cli.options import (
    ACCESS,
    LIMITS,
    MODEL,
    SERVER,
    DeviceOption,
    InferenceEngineOption,
    WorkersOption,
)

if TYPE_CHECKING:
    import socket

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="A name from `s2f models`, a run folder, a file, or hf://owner/name; repeatable.",
            autocompletion=completion.models,
            show_default="per direction: newest finished run in ./runs, else shipped",
            rich_help_panel=MODEL,
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on.", rich_help_panel=SERVER)
    ] = LOOPBACK[0],
    port: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65535,
            help="Port to listen on; 0 takes a free one.",
            rich_help_panel=SERVER,
        ),
    ] = 8000,
    queue: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            help="Maximum concurrent requests; further ones get 503.",
            rich_help_panel=LIMITS,
        ),
    ] = 16,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0.01,
            help="Maximum time for a request to arrive, and for the work.",
            rich_help_panel=LIMITS,
        ),
    ] = 60,
    max_megabytes: Annotated[
        float,
        typer.Option(metavar="MB", min=0.001, help="Maximum size of a request.", rich_help_panel=LIMITS),
    ] = 20,
    max_pixels: Annotated[
        int, typer.Option(metavar="N", min=1, help="Maximum pixels of an image.", rich_help_panel=LIMITS)
    ] = 25_000_000,
    rate: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="Maximum images a minute of one client; 0: any.", rich_help_panel=LIMITS
        ),
    ] = 0,
    api_keys: Annotated[
        list[str] | None,
        typer.Option(
            "--api-key",
            metavar="KEY",
            envvar="S2F_API_KEY",
            show_envvar=False,
            help="Refuse requests without this key; repeatable. $S2F_API_KEY hides it from other users.",
            show_default=False,
            rich_help_panel=ACCESS,
        ),
    ] = None,
    origins: Annotated[
        list[str] | None,
        typer.Option(
            "--cors",
            metavar="ORIGIN",
            help="Let pages of this origin, such as https://example.org, use the API; repeatable; * is any.",
            show_default=False,
            rich_help_panel=ACCESS,
        ),
    ] = None,
    log: Annotated[
        Literal["errors", "json"],
        typer.Option(
            "--log-format",
            metavar="FORMAT",
            help="errors: only those; json: every request and error, one JSON object a line.",
            rich_help_panel=SERVER,
        ),
    ] = "errors",
    device: DeviceOption = "auto",
    engine: InferenceEngineOption = "auto",
    workers: WorkersOption = 1,
) -> None:
    """Serve a page for photos, camera and drawings, and an HTTP API.

    Open the printed address in a browser; /docs documents the API. Only this computer can reach it, unless
    --host says otherwise. Ctrl-C and SIGTERM stop it when it has answered what has arrived. Needs the extra
    web.

    Examples:
      s2f serve
      s2f serve --model runs/0001-cyclegan-unet --port 9000
      s2f serve --host 0.0.0.0 --workers 4 --rate 60 --log-format json
      curl -F image=@face.png -o sketch.png 'http://127.0.0.1:8000/translate?to=sketch'
    """
    from s2f_cli.core import processor, requirements

    for package in ("fastapi", "prometheus_client", "python_multipart", "uvicorn"):
        requirements.check(package, "web")
    requirements.check("dlib")
    from s2f_cli.web import running
    from s2f_cli.web.access import Access
    from s2f_cli.web.limits import RequestLimits

    keys, count = tuple(api_keys or ()), workers or processor.threads()
    settings = running.Settings(
        models=_by_name(models or []),
        limits=RequestLimits(int(max_megabytes * 1e6), max_pixels, queue, timeout),
        access=Access(keys, _checked(origins or []), rate),
        hosts=LOOPBACK[:2] if host in LOOPBACK[:2] else ("*",),
        device=device,
        engine=engine,
        json_logs=log == "json",
    )
    listener = _listen(host, port)
    if host not in LOOPBACK:
        lacking = "encryption" if keys else "password (--api-key) or encryption"
        console.say(f"anyone who can reach this address can use it: the server has no {lacking}")
    shown_host = f"[{host}]" if ":" in host else host
    greeting = f"s2f is at http://{shown_host}:{listener.getsockname()[1]}/ (stop with Ctrl-C)"
    if count == 1:
        server = running.prepare(settings)
        console.say(greeting)
        server.run(sockets=[listener])
    else:
        from s2f_cli.web import workers as processes

        processes.run(settings, listener, count, greeting, console.say)
    raise typer.Exit(console.INTERRUPTED)


def _checked(origins: list[str]) -> tuple[str, ...]:
    """The origins of --cors; raises BadParameter for what is none, such as an address with a path."""
    for origin in origins:
        if not re.fullmatch(r"\*|https?://[^/\s]+", origin):
            raise typer.BadParameter(f"{origin} is no origin: write https://example.org, without a path")
    return tuple(origins)


def _by_name(models: list[str]) -> dict[str, Path]:
    """The model files to serve, by their short names; equal names are numbered."""
    from s2f_cli.cli import model_choice
    from s2f_cli.models import locate

    paths = [model_choice.named(model) for model in models] or model_choice.defaults().values()
    files: dict[str, Path] = {}
    for path in dict.fromkeys(paths):
        stem = locate.short_name(path)
        same = sum(name == stem or name.startswith(f"{stem}-") for name in files)
        files[f"{stem}-{same + 1}" if same else stem] = path
    return files


def _listen(host: str, port: int) -> socket.socket:
    import socket

    from s2f_cli.core.errors import S2FError, reason_of

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
        # Accepted sockets inherit this. Without it, a body waits 40 ms until its header is acknowledged.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise S2FError(
            f"cannot listen on {host}, port {port}: {reason_of(error)}",
            "choose another with --port or --host",
        ) from None
