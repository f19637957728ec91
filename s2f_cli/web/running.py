"""Runs the server: in this process, or in several workers that share its port."""

import math
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from s2f_cli.core import processor
from s2f_cli.inference.engine import EngineChoice
from s2f_cli.inference.translator import Translator
from s2f_cli.web import server
from s2f_cli.web.access import Access
from s2f_cli.web.limits import RequestLimits
from s2f_cli.web.logs import log_as_json
from s2f_cli.web.protocol import with_header_limit

_BACKLOG = 2048
"""Connections that the system keeps until a worker accepts them."""


@dataclass(frozen=True)
class Settings:
    """All that a worker needs to serve; it can be pickled."""

    models: Mapping[str, Path]
    """The files of the models, by name."""
    limits: RequestLimits
    access: Access
    hosts: tuple[str, ...] = ("*",)
    device: str = "auto"
    engine: EngineChoice = "auto"
    json_logs: bool = False
    shared: Path | None = None
    """A folder for what workers share."""


class Server(uvicorn.Server):
    """A server that accepts one connection at a time, so that those of a rush spread over the workers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; asyncio has taken the number to accept at a time for the length of the system's queue."""
        await super().startup(sockets)
        for listener in sockets or []:
            listener.listen(_BACKLOG)


def prepare(settings: Settings) -> Server:
    """Open the models, and return a server that `run(sockets=…)` starts.

    It stops on SIGINT and SIGTERM: what has arrived is answered, which takes as long as the limits permit.
    Raises BundleError for a model that cannot be opened, S2FError for a device that cannot be used.
    """
    opened = {
        name: Translator.open(path, settings.device, engine=settings.engine)
        for name, path in settings.models.items()
    }
    app = server.create(opened, settings.limits, settings.hosts, settings.access, settings.shared)
    app.state.warm_up.start(opened, app.state.worker)
    if settings.json_logs:
        log_as_json()
    config = uvicorn.Config(
        app,
        http=with_header_limit(settings.limits.seconds),
        log_level=None if settings.json_logs else "error",
        log_config=None if settings.json_logs else uvicorn.config.LOGGING_CONFIG,
        access_log=False,
        server_header=False,
        backlog=1,
        timeout_graceful_shutdown=math.ceil(2 * settings.limits.seconds),
    )
    return Server(config)


def share_processors(workers: int) -> None:
    """Give each of several workers its part of the processors, unless OMP_NUM_THREADS is set."""
    os.environ.setdefault("OMP_NUM_THREADS", str(max(processor.threads() // workers, 1)))
