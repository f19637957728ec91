"""What monitors and orchestrators ask: whether the server is up, whether it is ready, and its metrics."""

import logging
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from typing import Any

from fastapi import FastAPI, HTTPException, Response
from PIL import Image

from s2f_cli.core import freed_memory
from s2f_cli.core.version import __version__
from s2f_cli.faces import align
from s2f_cli.inference.translator import Translator
from s2f_cli.models.domains import other
from s2f_cli.web.metrics import CONTENT_TYPE, Metrics
from s2f_cli.web.refusals import Refusal

_log = logging.getLogger("s2f.server")
_SMALL = 64
"""The side of the image that is translated, in pixels, if the networks take it."""
_FLAT = Image.new("RGB", (_SMALL, 1))
"""An image without a face, which takes no time to search, as it is low."""


class WarmUp:
    """Translates once in each direction of each model, so that the first request is not slow."""

    def __init__(self) -> None:
        self._started: list[Future[None]] = []

    def start(self, translators: Mapping[str, Translator], worker: Executor) -> None:
        """Begin, in `worker`."""
        self._started += [worker.submit(_warm_up, name, each) for name, each in translators.items()]

    @property
    def done(self) -> bool:
        """Whether all models have translated without an error."""
        return all(each.done() and each.exception() is None for each in self._started)


def add_routes(app: FastAPI, models: list[str], metrics: Metrics, warm_up: WarmUp) -> None:
    """Add `/health`, `/ready` and `/metrics`."""

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Report that the server is up, its version and its models."""
        return {"status": "ok", "version": __version__, "models": models}

    @app.get("/ready", responses={503: {"model": Refusal, "description": "the models are being loaded"}})
    async def ready() -> dict[str, str]:
        """Report that every model has translated once, so that the next request is fast."""
        if not warm_up.done:
            raise HTTPException(503, "the models are being loaded", {"Retry-After": "1"})
        return {"status": "ready"}

    @app.get("/metrics", include_in_schema=False)
    async def show_metrics() -> Response:
        return Response(metrics.render(), headers={"content-type": CONTENT_TYPE})


def _warm_up(name: str, translator: Translator) -> None:
    try:
        for to in translator.directions:
            side = translator.card.recipe.image.side(other(to))
            if not translator.squashes(to):
                side = min(side, max(_SMALL, 2 * translator.engine.traits("directions", to).multiple))
            image = Image.new("RGB", (side, side))
            translator.translate([image], to, seen=[image.size])
        if translator.card.alignment:
            align.find(_FLAT)
    except Exception:
        _log.exception("the model %s cannot translate", name)
        raise
    freed_memory.return_to_system()
