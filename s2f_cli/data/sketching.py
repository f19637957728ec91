"""Draws photos as sketches with sketchers, functions of a photo and a seed.

A list of sketchers, such as `xdog,pencil`, names several styles. Each photo is drawn in one of them, which
depends on its name.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from s2f_cli.core import contact_sheet, images, registry
from s2f_cli.core.errors import ImageError
from s2f_cli.data.source import stable_hash

Sketcher = Callable[[Image.Image, int], Image.Image]
"""Draws a photo (`L` or `RGB`) as a sketch (`L`) of its size; random numbers depend on the seed."""


@dataclass(frozen=True)
class Style:
    """A sketcher by the name under which data sets know its sketches."""

    name: str
    """The value of the attribute `style` of what it draws."""
    sketcher: Sketcher
    """A picklable function."""
    key: str
    """What a user writes for it, such as `xdog`; two styles may have the same name, but not the same key."""
    version: str = ""
    """Identifies its content, if that may change."""


def sketch(photo: Image.Image, sketcher: Sketcher, seed: int, name: str) -> Image.Image:
    """Draw a photo (`L` or `RGB`) as a sketch (`L`) of its size; random numbers depend on seed and name."""
    return sketcher(photo, image_seed(seed, name))


def image_seed(seed: int, name: str) -> int:
    """A 64-bit seed from the run's seed and the image's name; the same on every machine and in any order."""
    return int.from_bytes(hashlib.sha256(os.fsencode(f"{seed}\0{name}")).digest()[:8], "big")


@cache
def find_style(name: str) -> Style:
    """Find a part of the kind `sketchers` by name; hyphens stand for underscores (`report-b`).

    Raises MissingPart if there is no such sketcher.
    """
    known = {part.replace("_", "-"): part for part in registry.names("sketchers")}
    part = known.get(name, name)
    return Style(part, registry.find("sketchers", part), part)


def find_styles(
    sketchers: str, of_model: Callable[[str], Sequence[Style]] | None = None
) -> tuple[Style, ...]:
    """The styles that a comma-separated list of sketchers names, each once; none for an empty text.

    `of_model` finds the styles of a name that is no part. Raises MissingPart for one without it.
    """
    styles: dict[str, Style] = {}
    for name in filter(None, sketchers.split(",")):
        is_part = name.replace("-", "_") in registry.names("sketchers")
        found = [find_style(name)] if is_part or of_model is None else of_model(name)
        styles |= {style.key: style for style in found}
    return tuple(styles.values())


def choose_styles(styles: Sequence[Style], count: int, seed: int, name: str) -> list[Style]:
    """Draw `count` of the styles for a photo; a style more or less changes few of the draws."""
    return sorted(styles, key=lambda style: stable_hash(name, seed, f"style {style.key}"))[:count]


def preview(photos: Sequence[Path], seed: int, styles: Sequence[Style] = (), side: int = 256) -> Image.Image:
    """Draw a sheet with a row per photo: the photo, and its sketch by every sketcher and in further styles.

    Unreadable photos are skipped. Raises ImageError if none is readable.
    """
    parts = [find_style(part) for part in registry.names("sketchers")]
    columns = list({style.key: style for style in [*parts, *styles]}.values())
    rows = []
    for file in photos:
        try:
            photo = images.fit(images.read(file), side, "crop")
        except ImageError:
            continue
        rows.append([photo, *(sketch(photo, style.sketcher, seed, file.name) for style in columns)])
    if not rows:
        raise ImageError("none of the photos can be read, so there is nothing to preview", "check the files")
    return contact_sheet.grid(rows, ["photo", *(style.name for style in columns)])


def draw(photo: Image.Image, styles: Sequence[Style], seed: int, name: str) -> Image.Image:
    """Draw a photo (`L` or `RGB`) in one of some styles, which its name decides, as a sketch (`L`)."""
    (style,) = choose_styles(styles, 1, seed, name)
    return sketch(photo, style.sketcher, seed, name)


@dataclass(frozen=True)
class SketchJob:
    """A photo to draw."""

    source: Path
    target: Path
    """The file of its sketch."""
    name: str
    """The name that its random draws depend on."""
    note: str = ""
    """The settings, as the PNG says them (`core.made_with`)."""


def sketch_file(styles: Sequence[Style], seed: int, job: SketchJob) -> Path:
    """Write the sketch of a photo, in one of some styles, and return its path.

    Raises ImageError if the photo cannot be read, S2FError if the target cannot be written.
    """
    drawing = draw(images.read(job.source), styles, seed, job.name)
    images.write(drawing, job.target, flush=False, note=job.note)
    return job.target
