"""What makes rows of a sketch and of a photo comparable: measured on pairs, and shipped with s2f.

P. Belhumeur, J. Hespanha, D. Kriegman: Eigenfaces vs. Fisherfaces: recognition using class specific linear
projection, PAMI 19, 1997, with the regularisation of J. Friedman: Regularized discriminant analysis, JASA 84,
1989. The gradients are those of N. Dalal, B. Triggs: Histograms of oriented gradients for human detection,
CVPR 2005.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from safetensors.numpy import load_file

from s2f_cli.models.domains import Domain

FILE = Path(__file__).parent / "projection.safetensors"
"""The shipped projection, which `tests/benchmarks/match_projection.py` measures and writes."""
WIDTH = 192 + 128
"""The length of a row."""

Array = npt.NDArray[np.float32]

_SIDE = 128
_INSIDE = np.s_[8:120, 16:112]
"""The part of a gray face of 128×128 whose gradients count: from the hair to the chin."""
_CELL, _BLOCK, _ORIENTATIONS = 16, 2, 9
_EMBEDDING_WEIGHT = 0.5
"""The weight of the embedding beside the strokes, chosen on 104 people of FS2K's training split."""


def gradients(face: Image.Image) -> Array:
    """Histograms of oriented gradients (1080,) of a square face as preset `ffhq` aligns it."""
    from skimage.feature import hog

    gray = np.asarray(face.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX))[_INSIDE]
    cells, blocks = (_CELL, _CELL), (_BLOCK, _BLOCK)
    histograms: Array = hog(gray.astype(np.float64), _ORIENTATIONS, cells, blocks, "L2-Hys")
    return histograms.astype(np.float32)


@dataclass(frozen=True)
class Projection:
    """Means of both domains, and the directions in which sketch and photo of a person agree."""

    directions: Array
    """(1080, 192)."""
    means: dict[str, Array]
    """By domain: of gradients (1080,) as `face` and `sketch`; of embeddings (128,) as `face.embedding`,
    `sketch.embedding` and, of photos made of sketches, `made.embedding`."""

    def photo(self, histograms: Array, embedding: Array) -> Array:
        """The row (320,) of a photo, from its gradients and its embedding."""
        return self._row("face", histograms, _unit(embedding - self.means["face.embedding"]))

    def sketch(self, histograms: Array, embedding: Array, made: Array) -> Array:
        """The row (320,) of a sketch, from its gradients, its embedding and that of the photo made of it."""
        both = _unit(embedding - self.means["sketch.embedding"]) + _unit(made - self.means["made.embedding"])
        return self._row("sketch", histograms, _unit(both))

    def _row(self, domain: Domain, histograms: Array, embedding: Array) -> Array:
        relative = np.subtract(histograms, self.means[domain]) @ self.directions
        weighted = np.concatenate([_unit(relative.astype(np.float32)), _EMBEDDING_WEIGHT**0.5 * embedding])
        row: Array = (weighted / (1 + _EMBEDDING_WEIGHT) ** 0.5).astype(np.float32)
        return row


@cache
def shipped() -> Projection:
    """The projection that comes with s2f."""
    tensors = {name: values.astype(np.float32) for name, values in load_file(FILE).items()}
    return Projection(tensors.pop("directions"), tensors)


def _unit(values: Array) -> Array:
    unit: Array = values / max(float(np.linalg.norm(values)), 1e-9)
    return unit
