"""The real images that an exported model is tried on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageOps

from s2f_cli.core import images
from s2f_cli.core.errors import ImageError
from s2f_cli.data import manifest
from s2f_cli.data.manifest import Manifest
from s2f_cli.export.contract import Array
from s2f_cli.inference.exported import Usage

COUNT = 16
"""How many images it is compared on, and as many more to calibrate on."""


@dataclass
class Examples:
    """Real images of the domain that a model takes."""

    usage: Usage
    origin: str
    """Where they come from, for people."""
    checked: list[Image.Image]
    calibration: list[Image.Image]
    failures: dict[str, str] = field(default_factory=dict)
    """Files that could not be read, with the reason."""

    def array(self, image: Image.Image) -> Array:
        """An image as the model takes it, (C, size, size) in [-1, 1]."""
        square = images.fit(image, self.usage.size, self.usage.fit)
        return images.to_array(square, self.usage.channels_in)


def find(usage: Usage, folder: Path | None, data: Path) -> Examples:
    """Real images: of a folder if one is given, else of the data set in `data` if it has any, else a photo of
    an astronaut that comes with scikit-image.

    A folder's images are calibrated on and compared on by turns (a single one, both); a data set's are
    calibrated on from the train split and compared on from the test split. Raises ImageError when the folder
    has no image that can be read, DataError when the data set's manifest is broken.
    """
    failures: dict[str, str] = {}
    if folder is not None:
        found = _read(images.find_images(folder)[: 2 * COUNT], failures)
        if not found:
            raise ImageError(f"no image in {folder} can be read", next(iter(failures.values())))
        return Examples(usage, str(folder), found[::2], found[1::2] or found, failures)
    if (data / manifest.FILE).is_file():
        prepared = Manifest.read(data)
        splits = [
            _read(
                (prepared.path(e, usage.source) for e in prepared.having(split, usage.source)[:COUNT]),
                failures,
            )
            for split in ("test", "train")
        ]
        if splits[0]:
            return Examples(usage, f"the test split of {data}", splits[0], splits[1] or splits[0], failures)
    photo = _astronaut()
    return Examples(usage, "scikit-image's astronaut", photo, photo, failures)


def _read(files: Iterable[Path], failures: dict[str, str]) -> list[Image.Image]:
    found = []
    for file in files:
        try:
            found.append(images.read(file))
        except ImageError as problem:
            failures[str(file)] = problem.line
    return found


def _astronaut() -> list[Image.Image]:
    from skimage import data

    photo = Image.fromarray(data.astronaut())
    return [photo, ImageOps.mirror(photo)]
