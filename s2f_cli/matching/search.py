"""The photos of a gallery whose faces are most like a sketch."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.inference.pipeline import read_photo
from s2f_cli.matching import describe
from s2f_cli.matching.index import Box, Index, load


@dataclass(frozen=True)
class Match:
    """A photo that was found, and its face that is most like the sketch."""

    name: str
    """The photo, relative to the gallery."""
    similarity: float
    """From -1 to 1, higher is more alike; no probability."""
    box: Box
    """Left, top, right and bottom of the face, in pixels of the photo."""


def open_index(gallery: Path, file: Path) -> Index:
    """Read the index of a gallery; raises DataError if there is none that this version can search."""
    index = load(file, describe.FEATURES)
    if index is None:
        state = "is of another version of s2f" if file.is_file() else "does not exist"
        raise DataError(f"the index {file} {state}", f"run `s2f match index {gallery}`")
    if not len(index.rows):
        raise DataError(f"the index {file} holds no face", f"add photos to {gallery}, and index it again")
    return index


def read_sketch(sketch: str | Path | Image.Image) -> describe.Sketch:
    """Find and describe the face of a sketch; raises ImageError if it cannot be read or shows no face."""
    return describe.sketch(read_photo(sketch))


def rank(index: Index, row: npt.NDArray[np.float32], top: int = 10) -> list[Match]:
    """The `top` photos most like the row (D,) of a sketch, the most similar first.

    A photo with several faces counts once, with its most similar face.
    """
    similarities = index.rows @ row
    faces = len(similarities)
    count = min(top, faces)
    while True:
        nearest = np.argpartition(-similarities, count - 1)[:count]
        nearest = nearest[np.lexsort((nearest, -similarities[nearest]))]
        _, first = np.unique(index.photos[nearest], return_index=True)
        chosen = nearest[np.sort(first)][:top]
        if len(chosen) == top or count == faces:
            break
        count = min(2 * count, faces)
    return [
        Match(index.names[index.photos[face]], float(similarities[face]), tuple(index.boxes[face].tolist()))
        for face in chosen
    ]
