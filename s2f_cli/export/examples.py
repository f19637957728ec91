"""Real images for comparing an exported file with its model."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageOps

from s2f_cli.core import image_folder, images
from s2f_cli.core.errors import ImageError
from s2f_cli.data import manifest
from s2f_cli.data.manifest import Manifest
from s2f_cli.export.contract import Array
from s2f_cli.inference.usage import Usage

COUNT = 16
"""The number of images for the comparison, and again for the calibration."""


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
        """Convert an image to the model's input, (C, size, size) in [-1, 1]."""
        square = images.fit(image, self.usage.size, self.usage.fit)
        return images.to_array(square, self.usage.channels_in)


def find_examples(usage: Usage, folder: Path | None, data: Path) -> Examples:
    """Find real images: in `folder` if given, else in the data set `data`, else scikit-image's astronaut.

    Images of a folder alternate between comparison and calibration; a single one serves for both. The test
    split of a data set serves for comparison, its train split for calibration.

    Raises ImageError if the folder has no readable image, DataError if the manifest is broken.
    """
    if folder is not None:
        photos, failures = _read(image_folder.find(folder).files[: 2 * COUNT])
        if not photos:
            raise ImageError(
                f"no image in {folder} can be read: {next(iter(failures.values()))}", "choose another folder"
            )
        return Examples(usage, str(folder), photos[::2], photos[1::2] or photos, failures)
    if (data / manifest.FILE).is_file():
        prepared = Manifest.read(data)
        (tested, test_failures), (trained, train_failures) = (
            _read(prepared.path(e, usage.source) for e in prepared.having(split, usage.source)[:COUNT])
            for split in ("test", "train")
        )
        failures = test_failures | train_failures
        if tested:
            return Examples(usage, f"the test split of {data}", tested, trained or tested, failures)
    else:
        failures = {}
    astronaut = _astronaut()
    return Examples(usage, "scikit-image's astronaut", astronaut, astronaut, failures)


def _read(files: Iterable[Path]) -> tuple[list[Image.Image], dict[str, str]]:
    """The readable images, and the reasons why the others cannot be read, by file."""
    readable: list[Image.Image] = []
    failures: dict[str, str] = {}
    for file in files:
        try:
            readable.append(images.read(file))
        except ImageError as problem:
            failures[str(file)] = problem.line
    return readable, failures


def _astronaut() -> list[Image.Image]:
    from skimage import data

    photo = Image.fromarray(data.astronaut())
    return [photo, ImageOps.mirror(photo)]
