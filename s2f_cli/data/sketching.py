"""Photos drawn as sketches by a part of the kind `sketchers`: a function of (photo, seed)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from s2f_cli.core import images, registry
from s2f_cli.core.errors import ImageError
from s2f_cli.core.files import atomic_write
from s2f_cli.data.sketchers._seeding import image_seed


def sketch(photo: Image.Image, sketcher: str, seed: int, name: str) -> Image.Image:
    """The sketch (`L`) of a photo (`L` or `RGB`), of the same size; random draws follow (seed, name).

    Raises MissingPart when there is no such sketcher.
    """
    return _sketcher(sketcher)(photo, image_seed(seed, name))


@cache
def _sketcher(name: str) -> Callable[[Image.Image, int], Image.Image]:
    found: Callable[[Image.Image, int], Image.Image] = registry.find("sketchers", name)
    return found


def preview(photos: Sequence[Path], seed: int, side: int = 256) -> Image.Image:
    """A sheet of photos beside what every sketcher makes of them; a photo that cannot be read is passed
    over.
    """
    names = registry.names("sketchers")
    rows = []
    for file in photos:
        try:
            photo = images.fit(images.read(file), side, "crop")
        except ImageError:
            continue
        rows.append([photo, *(sketch(photo, name, seed, file.name) for name in names)])
    if not rows:
        raise ImageError("none of the photos can be read, so there is nothing to preview")
    return images.sheet(rows, ["photo", *names])


@dataclass(frozen=True)
class Job:
    """A photo, the PNG that its sketch becomes, and the name that its seed comes from."""

    source: Path
    target: Path
    name: str


def sketch_file(sketcher: str, seed: int, job: Job) -> Path:
    """Write the sketch of a photo and return its path; raises ImageError for a bad file."""
    drawn = sketch(images.read(job.source), sketcher, seed, job.name)
    atomic_write(job.target, images.encode(drawn), flush=False)
    return job.target
