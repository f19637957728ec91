"""Draws photos as sketches with a sketcher, a function of a photo and a seed."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from s2f_cli.core import contact_sheet, images, registry
from s2f_cli.core.errors import ImageError
from s2f_cli.core.files import atomic_write


def sketch(photo: Image.Image, sketcher: str, seed: int, name: str) -> Image.Image:
    """Draw a photo (`L` or `RGB`) as a sketch (`L`) of its size; random numbers depend on seed and name.

    Raises MissingPart if there is no such sketcher.
    """
    return find_sketcher(sketcher)(photo, image_seed(seed, name))


def image_seed(seed: int, name: str) -> int:
    """A 64-bit seed from the run's seed and the image's name; the same on every machine and in any order."""
    return int.from_bytes(hashlib.sha256(os.fsencode(f"{seed}\0{name}")).digest()[:8], "big")


@cache
def find_sketcher(name: str) -> Callable[[Image.Image, int], Image.Image]:
    """Find a sketcher by name; hyphens stand for underscores (`report-b`).

    Raises MissingPart if there is no such sketcher.
    """
    known = {part.replace("_", "-"): part for part in registry.names("sketchers")}
    sketcher: Callable[[Image.Image, int], Image.Image] = registry.find("sketchers", known.get(name, name))
    return sketcher


def preview(photos: Sequence[Path], seed: int, side: int = 256) -> Image.Image:
    """Draw a sheet with a row per photo: the photo, and its sketch by every sketcher.

    Unreadable photos are skipped. Raises ImageError if none is readable.
    """
    sketchers = registry.names("sketchers")
    rows = []
    for file in photos:
        try:
            photo = images.fit(images.read(file), side, "crop")
        except ImageError:
            continue
        rows.append([photo, *(sketch(photo, sketcher, seed, file.name) for sketcher in sketchers)])
    if not rows:
        raise ImageError("none of the photos can be read, so there is nothing to preview", "check the files")
    return contact_sheet.grid(rows, ["photo", *sketchers])


@dataclass(frozen=True)
class SketchJob:
    """A photo to draw."""

    source: Path
    target: Path
    """The PNG of its sketch."""
    name: str
    """The name that its random draws depend on."""


def sketch_file(sketcher: str, seed: int, job: SketchJob) -> Path:
    """Write the sketch of a photo and return its path.

    Raises ImageError if the photo cannot be read, S2FError if the target cannot be written.
    """
    drawing = sketch(images.read(job.source), sketcher, seed, job.name)
    atomic_write(job.target, images.encode(drawing), flush=False)
    return job.target
