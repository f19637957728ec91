"""The page and an HTTP API around models in memory: FastAPI, nothing kept, nothing unbounded.

What goes wrong is answered as `{"detail": "…"}` without a path or a trace.
"""

import asyncio
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, HTTPException, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from PIL import Image, UnidentifiedImageError
from starlette.middleware.trustedhost import TrustedHostMiddleware

from s2f_cli.core import images
from s2f_cli.core.errors import S2FError
from s2f_cli.core.images import Domain, other
from s2f_cli.core.version import __version__
from s2f_cli.faces.align import FaceChoice
from s2f_cli.faces.geometry import PRESETS
from s2f_cli.inference.options import AUTO, NONE, PasteBack, TranslateOptions
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translator import Translator
from s2f_cli.web import site
from s2f_cli.web.gate import Gate, Limits

_API = Path(__file__).parent / "api"
_READ = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
_NARROWEST = 8
"""The longest side of an image is at most so many times its shortest."""

Format = Literal["png", "jpeg", "webp"]
Size = Literal["native", "full", "model"]
if TYPE_CHECKING:
    Align = str
else:
    Align = Literal[AUTO, NONE, *PRESETS]


def create(models: Mapping[str, Translator], limits: Limits, hosts: Sequence[str] = ("*",)) -> FastAPI:
    """The application around models by name.

    `hosts` are the names that a request may call this host by (`*`: any): with those of the loopback no page
    of another site reaches it by a name of its own.
    """
    app = FastAPI(
        title="s2f",
        version=__version__,
        description="Sketches into faces and faces into sketches. Images are not kept.",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Gate, limits=limits)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    worker = ThreadPoolExecutor(1, thread_name_prefix="s2f")
    offered = [
        site.about(translator.card, name, to)
        for name, translator in models.items()
        for to in translator.directions
    ]

    @app.exception_handler(Exception)
    async def hide(request: Request, problem: Exception) -> JSONResponse:
        return JSONResponse({"detail": "something went wrong in the server; its log says what"}, 500)

    @app.exception_handler(S2FError)
    async def tell(request: Request, problem: S2FError) -> JSONResponse:
        return JSONResponse({"detail": problem.message}, 422)

    @app.post(
        "/translate",
        response_class=Response,
        responses={
            200: {"content": {f"image/{kind}": {} for kind in ("png", "jpeg", "webp")}},
            413: {"description": "too many bytes or pixels"},
            422: {"description": "not an image, or a question that no model answers"},
            503: {"description": "too many requests wait; try again after `Retry-After` seconds"},
            504: {"description": "it took too long"},
        },
    )
    async def translate(
        image: UploadFile,
        to: Annotated[Domain, Query(description="what to make of the image")],
        size: Annotated[
            Size,
            Query(
                description="native: as large as the image; full: the same, seen pixel by pixel; "
                "model: the square that training saw"
            ),
        ] = "native",
        format: Annotated[Format, Query(description="of the result")] = "png",
        model: Annotated[
            str | None, Query(description="a name of /models; without it the first that can do it")
        ] = None,
        align: Annotated[
            Align,
            Query(description="how faces are found and aligned; auto: as the model's card says, if any"),
        ] = "auto",
        faces: Annotated[
            FaceChoice | None,
            Query(description="of several; without it all, or the largest where it stands alone"),
        ] = None,
        paste_back: Annotated[
            PasteBack | None,
            Query(
                description="into the whole image, translated; into the photo as it came; none: faces alone"
            ),
        ] = None,
    ) -> Response:
        """Make a face of the image of a sketch, or a sketch of that of a face."""
        translator, content = _choose(models, to, model), await image.read()
        options = TranslateOptions(size, align, faces, paste_back)
        if options.gives_several_images:
            raise HTTPException(422, "an answer is one image: paste the faces back, or choose one of them")
        pipeline = Pipeline.build(translator, to, options)
        working = worker.submit(answer, pipeline, content, format, limits.pixels)
        try:
            made = await asyncio.wait_for(asyncio.wrap_future(working), limits.seconds)
        except TimeoutError:
            raise HTTPException(504, f"it took longer than {limits.seconds:g} seconds") from None
        return Response(made, media_type=f"image/{format}")

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Whether it is up."""
        return {"status": "ok", "version": __version__, "models": list(models)}

    @app.get("/models")
    async def listing() -> list[dict[str, Any]]:
        """Each direction of each model: what it takes and makes, what it was trained on, its terms."""
        return offered

    @app.get(f"/{site.CONFIG}", include_in_schema=False)
    async def config() -> Response:
        return Response(site.config("server", offered), media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(_API / "docs.html")

    app.mount("/api", StaticFiles(directory=_API))
    app.mount("/", StaticFiles(directory=site.PAGE, html=True))
    return app


def answer(pipeline: Pipeline, content: bytes, kind: Format, max_pixels: int) -> bytes:
    """Translate the bytes of an image file to those of another.

    Raises ImageError if it is damaged, HTTPException if it is no image, too large or too narrow.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_READ) as opened:
            _check(*opened.size, max_pixels)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise HTTPException(422, f"the image is none, or none of {', '.join(_READ)}") from None
    result = pipeline.translate(images.read(io.BytesIO(content), "the image"))
    return images.encode(result, kind.upper())


def warm(translator: Translator) -> None:
    """Look for faces and translate something each way, so that the first to ask waits no longer than the
    next.
    """
    for to in translator.directions:
        side = translator.card.recipe.image.side(other(to))
        Pipeline.build(translator, to).translate(Image.new("RGB", (side, side)))


def _check(width: int, height: int, most: int) -> None:
    if width * height > most:
        raise HTTPException(413, f"the image has {width}x{height} pixels, more than {most:,}")
    if max(width, height) > _NARROWEST * min(width, height):
        raise HTTPException(422, f"the image is {width}x{height}: too narrow to be a face")


def _choose(models: Mapping[str, Translator], to: Domain, name: str | None) -> Translator:
    if name is not None and name not in models:
        raise HTTPException(422, f"there is no model of that name; known: {', '.join(models)}")
    for translator in [models[name]] if name is not None else models.values():
        if to in translator.directions:
            return translator
    raise HTTPException(422, f"no model here makes a {to}")
