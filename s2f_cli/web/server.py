"""A FastAPI application that serves the page and an HTTP API. Images are not kept.

Errors are returned as `{"detail": "…"}`, without paths or stack traces.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, FastAPI, File, HTTPException, Query, Response, UploadFile
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from pydantic.json_schema import SkipJsonSchema

from s2f_cli.core import registry
from s2f_cli.core.version import __version__
from s2f_cli.faces.align import FaceChoice
from s2f_cli.faces.geometry import PRESETS
from s2f_cli.inference.options import AUTO, NONE, NamedSize, PasteBack, TranslateOptions
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translator import Translator
from s2f_cli.models.domains import Domain
from s2f_cli.web import conditions, operations, refusals, site
from s2f_cli.web.access import Access, KeyMiddleware, OriginMiddleware
from s2f_cli.web.faces import FaceFound, find_faces
from s2f_cli.web.limits import LimitMiddleware, RequestLimits
from s2f_cli.web.metrics import Metrics
from s2f_cli.web.observing import ObservingMiddleware
from s2f_cli.web.operations import WarmUp
from s2f_cli.web.rates import RateLimiter, RateMiddleware
from s2f_cli.web.refusals import HeadMiddleware, HostMiddleware, IsolationMiddleware
from s2f_cli.web.uploads import ImageFormat, read, translate_bytes

_API = Path(__file__).parent / "api"
_ANYONE = Access()
if TYPE_CHECKING:
    Align = str
else:
    Align = Literal[AUTO, NONE, *PRESETS]


_OTHER_METHODS = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create(
    models: Mapping[str, Translator],
    limits: RequestLimits,
    hosts: Sequence[str] = ("*",),
    access: Access = _ANYONE,
    shared: Path | None = None,
) -> FastAPI:
    """Create the application.

    Args:
        models: The models by name. A request that names none gets the first model with its direction.
        limits: Limits on requests.
        hosts: Accepted values of the Host header; `*` accepts any. On loopback, accepting only its own names
            blocks DNS rebinding.
        access: Who may use the server, and how often.
        shared: A folder for what several workers share; they need one if `access` limits the rate.
    """
    app = FastAPI(
        title="s2f",
        version=__version__,
        description="Turns sketches into faces and faces into sketches. Images are not kept.",
        docs_url=None,
        redoc_url=None,
    )
    metrics = Metrics({name: model.card for name, model in models.items()}, limits.concurrent)
    app.add_middleware(LimitMiddleware, limits=limits, queue=metrics.queue)
    if access.rate:
        limiter = RateLimiter(access.rate, shared / "rates.sqlite" if shared else None)
        app.add_middleware(RateMiddleware, limiter=limiter)
    if access.keys:
        app.add_middleware(KeyMiddleware, keys=access.keys)
    if access.origins:
        app.add_middleware(OriginMiddleware, origins=access.origins)
    app.add_middleware(HostMiddleware, hosts=hosts)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(IsolationMiddleware)
    app.add_middleware(ObservingMiddleware, metrics=metrics)
    worker = app.state.worker = ThreadPoolExecutor(1, thread_name_prefix="s2f")
    directions = [
        site.describe(translator.card, name, to, translator.largest_face(to))
        for name, translator in models.items()
        for to in translator.directions
    ]

    given_by_query = conditions.parameters([model.card.recipe.conditions for model in models.values()])

    warm_up = app.state.warm_up = WarmUp()
    refusals.add_handlers(app)

    @app.post(
        "/translate",
        response_class=Response,
        responses={
            200: {"content": {f"image/{kind}": {} for kind in ("png", "jpeg", "webp")}},
            **refusals.described("the translation took too long"),
        },
        dependencies=[Depends(refusals.refuse_unknown)],
    )
    async def translate(
        image: Annotated[UploadFile, File(description="the image")],
        given: Annotated[dict[str, str], Depends(given_by_query)],
        to: Annotated[Domain, Query(description="domain to translate to")],
        size: Annotated[
            NamedSize,
            Query(
                description="native: the size of the image; full: the same, at full resolution; "
                "model: the square seen in training"
            ),
        ] = "native",
        format: Annotated[ImageFormat, Query(description="format of the result")] = "png",
        model: Annotated[
            str | None, Query(description="a name from /models; default: the first with this direction")
        ] = None,
        align: Annotated[
            Align, Query(description="how faces are aligned; auto: as the model's card says")
        ] = "auto",
        faces: Annotated[
            FaceChoice | None,
            Query(description="which of several faces; default: all, or the largest without pasting back"),
        ] = None,
        paste_back: Annotated[
            PasteBack | None,
            Query(description="paste faces onto the translated image, onto the photo, or nowhere (none)"),
        ] = None,
        like: Annotated[
            UploadFile | SkipJsonSchema[None],
            File(description="a photo of a face whose colours the model is given"),
        ] = None,
    ) -> Response:
        """Translate an image of a sketch to a face, or of a face to a sketch."""
        name, content = _choose(models, to, model), await image.read()
        translator = models[name]
        conditions.check(translator.card.recipe.conditions, given)
        options = TranslateOptions(size, align, faces, paste_back, conditions=given)
        if options.gives_several_images:
            raise HTTPException(422, "a response is one image: paste the faces back, or choose one of them")
        pipeline = Pipeline.build(translator, to, options)
        photo = None if like is None else await like.read()

        def work() -> bytes:
            with metrics.translating(name, to):
                return translate_bytes(pipeline, given, content, photo, format, limits.pixels)

        future = worker.submit(work)
        try:
            result = await asyncio.wait_for(asyncio.wrap_future(future), limits.seconds)
        except TimeoutError:
            raise HTTPException(504, f"the translation took longer than {limits.seconds:g} seconds") from None
        return Response(result, media_type=f"image/{format}")

    @app.post(
        "/faces",
        responses=refusals.described("the search took too long"),
        dependencies=[Depends(refusals.refuse_unknown)],
    )
    async def faces_of(image: Annotated[UploadFile, File(description="the image")]) -> list[FaceFound]:
        """Find the faces of an image, the largest first."""
        content = await image.read()
        future = worker.submit(lambda: find_faces(read(content, "image", limits.pixels)))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), limits.seconds)
        except TimeoutError:
            raise HTTPException(504, f"the search took longer than {limits.seconds:g} seconds") from None

    for path in ("/translate", "/faces"):
        app.api_route(path, methods=_OTHER_METHODS, include_in_schema=False)(_other_method)

    operations.add_routes(app, list(models), metrics, warm_up)

    @app.get("/models")
    async def list_models() -> list[dict[str, Any]]:
        """List each direction of each model: domains, size, training data, licence."""
        return directions

    @app.get(f"/{site.CONFIG}", include_in_schema=False)
    async def config() -> Response:
        return Response(site.config("server", directions), media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(_API / "docs.html")

    app.mount("/api", StaticFiles(directory=_API))
    app.mount("/", StaticFiles(directory=site.PAGE, html=True))
    return app


def _choose(models: Mapping[str, Translator], to: Domain, name: str | None) -> str:
    """The name of the model to use; raises HTTPException if there is none."""
    if name is not None and name not in models:
        raise HTTPException(
            422, f"there is no model of that name; {registry.did_you_mean(name, list(models))}"
        )
    for candidate in models if name is None else [name]:
        if to in models[candidate].directions:
            return candidate
    raise HTTPException(422, f"no model on this server translates to {to}")


async def _other_method() -> Response:
    raise HTTPException(405, "send an image with POST; see /docs", {"Allow": "POST"})
