"""Measure the projection of `s2f match`; run by hand: match_projection.py DATA … --output FILE.

DATA are prepared data sets of pairs, aligned with `--align ffhq` and with a split `val`. The directions are
measured on the pairs of `train`, the means of embeddings on those of `val`. FILE replaces
s2f_cli/matching/projection.safetensors, which is from FS2K and CUHK.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from safetensors.numpy import save_file

from s2f_cli.core import images
from s2f_cli.core.errors import ImageError
from s2f_cli.data.manifest import Manifest
from s2f_cli.faces.align import AlignSettings, align
from s2f_cli.matching import describe, projection

Array = npt.NDArray[np.float64]
REGULARISATION = 1.0
"""What is added to the scatter within people, as a multiple of its mean eigenvalue."""
KEPT = 600
"""Principal components that are kept before the discriminants."""
DIRECTIONS = 192


def pairs(data: Path, split: str) -> Iterator[tuple[Image.Image, Image.Image]]:
    """The photos and sketches of a split."""
    manifest = Manifest.read(data)
    for entry in manifest.pairs(split):
        yield images.read(manifest.path(entry, "face")), images.read(manifest.path(entry, "sketch"))


def directions(faces: Array, sketches: Array) -> Array:
    """Directions (D, 192) in which the two rows (N, D) of a person, with mean 0, agree most."""
    _, _, principal = np.linalg.svd(np.concatenate([sketches, faces]), full_matrices=False)
    basis = principal[:KEPT].T
    first, second = sketches @ basis, faces @ basis
    difference = (first - second) / np.sqrt(2)
    within = difference.T @ difference / len(first)
    total = (first.T @ first + second.T @ second) / (2 * len(first))
    within += REGULARISATION * np.trace(within) / len(within) * np.eye(len(within))
    half = np.linalg.inv(np.linalg.cholesky(within))
    _, vectors = np.linalg.eigh(half @ total @ half.T)
    chosen: Array = basis @ (half.T @ vectors[:, ::-1][:, :DIRECTIONS])
    return chosen


def embeddings(data: list[Path]) -> dict[str, Array]:
    """The means of the embeddings of photos, of sketches and of photos made of sketches."""
    found: dict[str, list[Array]] = {"face": [], "sketch": [], "made": []}
    settings = AlignSettings(describe.PRESET, describe.SIDE)
    for folder in data:
        for photo, sketch in pairs(folder, "val"):
            try:
                (shown,), (drawn,) = align(photo, settings), align(sketch, settings)
            except ImageError:
                continue
            (made,) = describe.model().translate([drawn.image.convert("L")], "face", "model")
            found["face"].append(describe.embedding(shown, shown.image))
            found["sketch"].append(describe.embedding(drawn, drawn.image))
            found["made"].append(describe.embedding(drawn, made))
    return {f"{name}.embedding": np.mean(values, axis=0) for name, values in found.items()}


def main() -> None:
    """Measure, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=projection.FILE)
    options = parser.parse_args()
    chosen = [pair for folder in options.data for pair in pairs(folder, "train")]
    faces, sketches = (
        np.stack([projection.gradients(pair[side]).astype(np.float64) for pair in chosen]) for side in (0, 1)
    )
    means = {"face": faces.mean(axis=0), "sketch": sketches.mean(axis=0)}
    found = directions(faces - means["face"], sketches - means["sketch"])
    scale = np.abs(found).max()
    tensors = {"directions": (found / scale).astype(np.float16)}
    tensors |= {name: mean.astype(np.float32) for name, mean in (means | embeddings(options.data)).items()}
    sources = [Manifest.read(folder).header for folder in options.data]
    about = {
        "pairs": str(len(chosen)),
        "data": " and ".join(source.source for source in sources),
        "terms": " and ".join(source.licence for source in sources),
    }
    save_file(tensors, options.output, about)
    print(f"{options.output}: {len(chosen)} pairs")


if __name__ == "__main__":
    main()
