"""Distance between the eyes of `s2f align --preset cufs` and those of the published CUHK alignment.

Run by hand: alignment_error.py ORIGINALS ALIGNED, two folders with equal file names. The true transform of
each image comes from matching SIFT features of the original and the published image (RANSAC), independently
of the eyes. Prints the mean, median, 95th percentile and largest error in pixels of the 200×250 image.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from skimage.feature import SIFT, match_descriptors
from skimage.measure import ransac
from skimage.transform import SimilarityTransform

from s2f_cli.cli import console
from s2f_cli.core import image_folder, images
from s2f_cli.core.parallel import parallel_map
from s2f_cli.faces import align

HEIGHT = 400
"""The height in pixels at which originals are matched."""


def features(image: Image.Image) -> tuple[npt.NDArray, npt.NDArray]:
    """The coordinates (x, y) and descriptors of an image's features."""
    sift = SIFT(upsampling=1)
    sift.detect_and_extract(np.asarray(image.convert("L")) / 255)
    return sift.keypoints[:, ::-1] + 0.5, sift.descriptors


def true_transform(original: Image.Image, published: Image.Image) -> npt.NDArray:
    """The similarity (3, 3) that maps the original to the published image."""
    scale = HEIGHT / original.height
    small = original.resize((round(original.width * scale), HEIGHT), Image.Resampling.LANCZOS)
    (places, ours), (targets, theirs) = features(small), features(published)
    matches = match_descriptors(ours, theirs, max_ratio=0.75, cross_check=True)
    pairs = (places[matches[:, 0]] / (small.width / original.width), targets[matches[:, 1]])
    model, inliers = ransac(
        pairs, SimilarityTransform, min_samples=3, residual_threshold=1, max_trials=3000, rng=0
    )
    assert inliers.sum() >= 12
    matrix: npt.NDArray = model.params
    return matrix


def error(folder: Path, file: Path) -> float:
    """The mean distance of the two eyes between our image and the published one."""
    original, published = images.read(file), images.read(folder / f"{file.stem}.png")
    ours = align.align(original, align.AlignSettings(preset="cufs"))[0]
    true = true_transform(original, published)
    eyes = (ours.face.left_eye, ours.face.right_eye)
    offsets = [(true @ (*eye, 1))[:2] - ours.transform(eye) for eye in eyes]
    return float(np.linalg.norm(offsets, axis=1).mean())


if __name__ == "__main__":
    originals, aligned = map(Path, sys.argv[1:])
    outcomes = list(parallel_map(partial(error, aligned), image_folder.find(originals).files))
    errors = [outcome.result for outcome in outcomes if outcome.result is not None]
    for outcome in outcomes:
        if outcome.result is None:
            console.say(f"{outcome.item}: {outcome.reason}")
    numbers = [np.mean(errors), np.median(errors), np.percentile(errors, 95), np.max(errors)]
    row = [originals.name, str(len(errors)), *(f"{number:.2f}" for number in numbers)]
    columns = ["originals", "images", "mean", "median", "95 %", "largest"]
    console.out.print(console.markdown(columns, [row]), markup=False)
