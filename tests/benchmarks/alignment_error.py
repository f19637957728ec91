"""How far `s2f align --preset cufs` puts the eyes from where the published CUHK alignment has them.

Run by hand: alignment_error.py ORIGINALS ALIGNED, two folders with equal file names. The true transform of
each picture comes from matching SIFT features of the original and the published picture (RANSAC), which
knows nothing of eyes. Prints mean, median, 95th percentile and largest error in pixels of the 200×250
picture.
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
from s2f_cli.core import images
from s2f_cli.core.parallel import each
from s2f_cli.faces import align

HEIGHT = 400
"""Originals are matched at this height."""


def features(image: Image.Image) -> tuple[npt.NDArray, npt.NDArray]:
    """The places (x, y) and descriptors of an image's features."""
    found = SIFT(upsampling=1)
    found.detect_and_extract(np.asarray(image.convert("L")) / 255)
    return found.keypoints[:, ::-1] + 0.5, found.descriptors


def true_transform(original: Image.Image, published: Image.Image) -> npt.NDArray:
    """The similarity (3, 3) that took the original to the published picture."""
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
    """The mean distance of the two eyes between our picture and the published one."""
    original, published = images.read(file), images.read(folder / f"{file.stem}.png")
    ours = align.align(original, align.AlignSettings(preset="cufs"))[0]
    true = true_transform(original, published)
    eyes = (ours.face.left_eye, ours.face.right_eye)
    away = [(true @ (*eye, 1))[:2] - ours.transform(eye) for eye in eyes]
    return float(np.linalg.norm(away, axis=1).mean())


if __name__ == "__main__":
    originals, aligned = map(Path, sys.argv[1:])
    found = list(each(partial(error, aligned), images.find_images(originals)))
    errors = [outcome.result for outcome in found if outcome.result is not None]
    for outcome in found:
        if outcome.result is None:
            console.say(f"{outcome.thing}: {outcome.reason}")
    numbers = [np.mean(errors), np.median(errors), np.percentile(errors, 95), np.max(errors)]
    row = [originals.name, str(len(errors)), *(f"{number:.2f}" for number in numbers)]
    columns = ["originals", "pictures", "mean", "median", "95 %", "largest"]
    console.out.print(console.markdown(columns, [row]), markup=False)
