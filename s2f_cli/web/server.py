"""A FastAPI application that serves the page and an HTTP API. Images are not kept.

Errors are returned as `{"detail": "…"}`, without paths or stack traces.
"""

import asyncio
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, FastAPI, File, HTTPException, Query, Response, UploadFile
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from PIL import Image
from pydantic.json_schema import SkipJsonSchema

from s2f_cli.core import formats, freed_memory, images, registry
from s2f_cli.core.errors import S2FError
from s2f_cli.core.marks import COMPOSITE, TRAINED
from s2f_cli.core.metadata import Metadata
from s2f_cli.core.version import __version__
from s2f_cli.faces.align import FaceChoice
from s2f_cli.faces.geometry import PRESETS
from s2f_cli.inference.conditions import variants_of
from s2f_cli.inference.options import AUTO, NONE, NamedSize, PasteBack, TranslateOptions
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translator import Translator
from s2f_cli.models.domains import Domain, other
from s2f_cli.web import conditions, refusals, site
from s2f_cli.web.faces import FaceFound, find_faces
from s2f_cli.web.limits import LimitMiddleware, RequestLimits
from s2f_cli.web.refusals import HeadMiddleware, HostMiddleware, IsolationMiddleware

_API = Path(__file__).parent / "api"
_MAX_ASPECT = 8
"""Maximum ratio of the sides of an image."""

ImageFormat = Literal["png", "jpeg", "webp"]
if TYPE_CHECKING:
    Align = str
else:
    Align = Literal[AUTO, NONE, *PRESETS]


_OTHER_METHODS = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create(models: Mapping[str, Translator], limits: RequestLimits, hosts: Sequence[str] = ("*",)) -> FastAPI:
    """Create the application.

    Args:
        models: The models by name. A request that names none gets the first model with its direction.
        limits: Limits on requests.
        hosts: Accepted values of the Host header; `*` accepts any. On loopback, accepting only its own names
            blocks DNS rebinding.
    """
    app = FastAPI(
        title="s2f",
        version=__version__,
        description="Turns sketches into faces and faces into sketches. Images are not kept.",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(LimitMiddleware, limits=limits)
    app.add_middleware(HostMiddleware, hosts=hosts)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(IsolationMiddleware)
    worker = app.state.worker = ThreadPoolExecutor(1, thread_name_prefix="s2f")
    directions = [
        site.describe(translator.card, name, to, translator.largest_face(to))
        for name, translator in models.items()
        for to in translator.directions
    ]

    given_by_query = conditions.parameters([model.card.recipe.conditions for model in models.values()])

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
        translator, content = _choose(models, to, model), await image.read()
        conditions.check(translator.card.recipe.conditions, given)
        options = TranslateOptions(size, align, faces, paste_back, conditions=given)
        if options.gives_several_images:
            raise HTTPException(422, "a response is one image: paste the faces back, or choose one of them")
        pipeline = Pipeline.build(translator, to, options)
        photo = None if like is None else await like.read()
        future = worker.submit(translate_bytes, pipeline, given, content, photo, format, limits.pixels)
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
        future = worker.submit(lambda: find_faces(_read(content, "image", limits.pixels)))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), limits.seconds)
        except TimeoutError:
            raise HTTPException(504, f"the search took longer than {limits.seconds:g} seconds") from None

    for path in ("/translate", "/faces"):
        app.api_route(path, methods=_OTHER_METHODS, include_in_schema=False)(_other_method)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Report that the server is up, its version and its models."""
        return {"status": "ok", "version": __version__, "models": list(models)}

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


def translate_bytes(
    pipeline: Pipeline,
    given: Mapping[str, str],
    content: bytes,
    like: bytes | None,
    kind: ImageFormat,
    max_pixels: int,
) -> bytes:
    """Translate an image file, given and returned as bytes.

    The colours of the photo `like` replace the pipeline's, except those that are `given`. Raises
    HTTPException if a file is not an image, too large or too narrow; ImageError if it is damaged, or a
    required face is not found; S2FError for a photo `like` if the model has no colours.
    """
    image = _read(content, "image", max_pixels)
    if like is not None:
        known = pipeline.translator.card.recipe.conditions
        pipeline = replace(
            pipeline, variants=variants_of(known, given, _read(like, "photo like", max_pixels))
        )
    mark = pipeline.translator.card.mark(COMPOSITE if pipeline.paste_back == "photo" else TRAINED)
    result = images.encode(pipeline.translate(image), kind.upper(), metadata=Metadata(mark))
    freed_memory.return_to_system()
    return result


def _read(content: bytes, name: str, max_pixels: int) -> Image.Image:
    """The image in an uploaded file; raises as `translate_bytes`."""
    try:
        with formats.opened(io.BytesIO(content)) as opened:
            _check_size(*opened.size, max_pixels)
    except HTTPException:
        raise
    except Exception:  # Pillow's readers fail in many ways
        readable = ", ".join(sorted(suffix[1:] for suffix in formats.SUFFIXES))
        raise HTTPException(422, f"the file is not an image in one of the formats {readable}") from None
    try:
        return images.read(io.BytesIO(content), f"the {name}")
    except S2FError:
        raise
    except Exception:
        raise HTTPException(422, f"the {name} is damaged") from None


def warm_up(translator: Translator) -> None:
    """Detect faces and translate once in each direction, so that the first request is not slow."""
    for to in translator.directions:
        side = translator.card.recipe.image.side(other(to))
        Pipeline.build(translator, to).translate(Image.new("RGB", (side, side)))
    freed_memory.return_to_system()


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise HTTPException(413, f"the image has {width}x{height} pixels, more than {max_pixels:,}")
    if max(width, height) > _MAX_ASPECT * min(width, height):
        raise HTTPException(422, f"the image is {width}x{height}: too narrow to be a face")


def _choose(models: Mapping[str, Translator], to: Domain, name: str | None) -> Translator:
    if name is not None and name not in models:
        raise HTTPException(
            422, f"there is no model of that name; {registry.did_you_mean(name, list(models))}"
        )
    for translator in [models[name]] if name is not None else models.values():
        if to in translator.directions:
            return translator
    raise HTTPException(422, f"no model on this server translates to {to}")


async def _other_method() -> Response:
    raise HTTPException(405, "send an image with POST; see /docs", {"Allow": "POST"})
