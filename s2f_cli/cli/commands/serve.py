"""`s2f serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from s2f_cli.cli import console

if TYPE_CHECKING:
    import socket

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A bundle, a run folder, or a name of `s2f models`; may be given several times. "
            "[default: for each direction the newest run in ./runs, else the one that comes with s2f]",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOOPBACK[0],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")
    ] = 8000,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1, mps; auto takes the GPU if there is one.")
    ] = "auto",
    queue: Annotated[
        int, typer.Option(min=1, help="So many requests at once; one more is answered 503.")
    ] = 16,
    timeout: Annotated[float, typer.Option(min=0.01, help="Seconds for a request.")] = 60,
    max_megabytes: Annotated[float, typer.Option(min=0.001, help="The largest request.")] = 20,
    max_pixels: Annotated[int, typer.Option(min=1, help="The largest image.")] = 25_000_000,
) -> None:
    """Show the page for drawing, photos and camera, and answer other programs over HTTP.

    Open the address that it prints in a browser; /docs tells the API. Only this machine reaches it, unless
    --host says otherwise. Ctrl-C ends it.
    """
    from s2f_cli.core import requirements

    for package in ("fastapi", "python_multipart", "uvicorn"):
        requirements.require(package, "web")
    import uvicorn

    from s2f_cli.inference.translator import Translator
    from s2f_cli.web import server
    from s2f_cli.web.gate import Limits

    translators = {name: Translator.open(path, device) for name, path in _named(model or []).items()}
    for translator in translators.values():
        server.warm(translator)
    limits = Limits(int(max_megabytes * 1e6), max_pixels, queue, timeout)
    app = server.create(translators, limits, LOOPBACK[:2] if host in LOOPBACK[:2] else ("*",))
    listening = _listen(host, port)
    if host not in LOOPBACK:
        console.say("whoever reaches this address can use it: there is no password and no encryption")
    shown = f"[{host}]" if ":" in host else host
    console.say(f"s2f is at http://{shown}:{listening.getsockname()[1]}/ (Ctrl-C ends it)")
    config = uvicorn.Config(app, log_level="error", server_header=False, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listening])
    raise typer.Exit(console.INTERRUPTED)


def _named(models: list[str]) -> dict[str, Path]:
    """The bundles to serve by name: the file's, or that of a run's folder."""
    from s2f_cli.cli import model_choice

    paths = [model_choice.named(model) for model in models] or model_choice.defaults().values()
    named: dict[str, Path] = {}
    for path in dict.fromkeys(paths):
        stem = path.resolve().parent.name if path.name == "model.safetensors" else path.stem
        same = sum(name == stem or name.startswith(f"{stem}-") for name in named)
        named[f"{stem}-{same + 1}" if same else stem] = path
    return named


def _listen(host: str, port: int) -> socket.socket:
    import socket

    from s2f_cli.core.errors import S2FError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
        # Inherited by what it accepts; without it a body waits 40 ms for the header's acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as problem:
        raise S2FError(
            f"cannot listen on {host}, port {port}: {problem.strerror or problem}",
            "choose another with --port or --host",
        ) from None
