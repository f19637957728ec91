"""Photos drawn as sketches by a part of the kind `sketchers`: a function of (photo, seed)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from s2f_cli import images, parts
from s2f_cli.errors import ImageError
from s2f_cli.sketchers._seeding import image_seed


def sketch(photo: Image.Image, sketcher: str, seed: int, name: str) -> Image.Image:
    """The sketch (`L`) of a photo (`L` or `RGB`), of the same size; random draws follow (seed, name).

    Raises MissingPart when there is no such sketcher.
    """
    drawn: Image.Image = parts.find("sketchers", sketcher)(photo, image_seed(seed, name))
    return drawn


def preview(photos: Sequence[Path], seed: int, side: int = 256) -> Image.Image:
    """A sheet of photos beside what every sketcher makes of them; a photo that cannot be read is passed
    over.
    """
    names = parts.names("sketchers")
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
    """A photo, where its sketch goes, and the name that its seed comes from."""

    source: Path
    target: Path
    name: str


def sketch_file(sketcher: str, seed: int, job: Job) -> Path:
    """Write the sketch of a photo and return its path; raises ImageError for a bad file."""
    images.write(sketch(images.read(job.source), sketcher, seed, job.name), job.target)
    return job.target
