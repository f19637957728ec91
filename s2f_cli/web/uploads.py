"""Images that are sent to the server, and those that it returns."""

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from fastapi import HTTPException
from PIL import Image

from s2f_cli.core import formats, freed_memory, images
from s2f_cli.core.errors import S2FError
from s2f_cli.core.marks import COMPOSITE, TRAINED
from s2f_cli.core.metadata import Metadata
from s2f_cli.inference.conditions import variants_of
from s2f_cli.inference.pipeline import Pipeline

ImageFormat = Literal["png", "jpeg", "webp"]
_MAX_ASPECT = 8
"""Maximum ratio of the sides of an image."""


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
    image = read(content, "image", max_pixels)
    if like is not None:
        known = pipeline.translator.card.recipe.conditions
        pipeline = replace(pipeline, variants=variants_of(known, given, read(like, "photo like", max_pixels)))
    mark = pipeline.translator.card.mark(COMPOSITE if pipeline.paste_back == "photo" else TRAINED)
    result = images.encode(pipeline.translate(image), kind.upper(), metadata=Metadata(mark))
    freed_memory.return_to_system()
    return result


def read(content: bytes, name: str, max_pixels: int) -> Image.Image:
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


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise HTTPException(413, f"the image has {width}x{height} pixels, more than {max_pixels:,}")
    if max(width, height) > _MAX_ASPECT * min(width, height):
        raise HTTPException(422, f"the image is {width}x{height}: too narrow to be a face")
