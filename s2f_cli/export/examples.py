"""Real images to compare an exported file with its model on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageOps

from s2f_cli.core import image_folder, images
from s2f_cli.core.errors import ImageError
from s2f_cli.data import manifest
from s2f_cli.data.manifest import Manifest
from s2f_cli.export.contract import Array
from s2f_cli.inference.exported import Usage

COUNT = 16
"""Images to compare on, and as many more to calibrate on."""


@dataclass
class Examples:
    """Real images of a model's input domain."""

    usage: Usage
    origin: str
    """Where they come from, in words."""
    checked: list[Image.Image]
    calibration: list[Image.Image]
    failures: dict[str, str] = field(default_factory=dict)
    """Unreadable files, each with the reason."""

    def array(self, image: Image.Image) -> Array:
        """An image as the model's input, (C, size, size) in [-1, 1]."""
        square = images.fit(image, self.usage.size, self.usage.fit)
        return images.to_array(square, self.usage.channels_in)


def find_examples(usage: Usage, folder: Path | None, data: Path) -> Examples:
    """Real images from `folder` if given, else from the data set `data`, else scikit-image's astronaut.

    A folder's images serve for comparison and calibration in turns (a single one serves for both). A data
    set's test split serves for comparison, its train split for calibration. Raises ImageError if the folder
    has no readable image, DataError if the manifest is broken.
    """
    failures: dict[str, str] = {}
    if folder is not None:
        photos = _read(image_folder.find(folder).files[: 2 * COUNT], failures)
        if not photos:
            raise ImageError(f"no image in {folder} can be read", next(iter(failures.values())))
        return Examples(usage, str(folder), photos[::2], photos[1::2] or photos, failures)
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
    """The readable images; the reasons of the others are added to `failures`."""
    readable = []
    for file in files:
        try:
            readable.append(images.read(file))
        except ImageError as problem:
            failures[str(file)] = problem.line
    return readable


def _astronaut() -> list[Image.Image]:
    from skimage import data

    photo = Image.fromarray(data.astronaut())
    return [photo, ImageOps.mirror(photo)]
