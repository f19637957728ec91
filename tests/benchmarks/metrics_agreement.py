"""Compare s2f's metrics with reference implementations: `python tests/benchmarks/metrics_agreement.py`.

Prints the largest relative difference over 20 pairs of 256 pixels. The numbers of the authors' MATLAB code
are those in the tests. Networks have random weights in the layout of the published ones. Needs `keras`,
`lpips` and `piq`.
"""

import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

os.environ["KERAS_BACKEND"] = "torch"
sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
sys.path.insert(0, str(Path(__file__).parents[1] / "evaluation/metrics"))

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

from s2f_cli.core.torchvision_import import torchvision

assert torchvision
import keras  # noqa: E402
import lpips as lpips_authors  # noqa: E402
import piq  # noqa: E402
import test_against_matlab as matlab  # noqa: E402
from pytorch_fid import inception as pytorch_fid  # noqa: E402
from pytorch_fid.fid_score import calculate_frechet_distance  # noqa: E402

import random_weights  # noqa: E402
from s2f_cli.core import registry  # noqa: E402
from s2f_cli.evaluation.metrics import _inception, lpips  # noqa: E402
from s2f_cli.evaluation.metrics._frechet import frechet_distance  # noqa: E402
from s2f_cli.evaluation.metrics._gray import luma  # noqa: E402
from s2f_cli.evaluation.metrics.kid import kernel_distance  # noqa: E402
from s2f_cli.models.pretrained import vgg16  # noqa: E402

SIDE = 256
PAPER = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
COLOUR, GRAY = {"channel_axis": 0, "data_range": 1.0}, {"data_range": 1.0}


def make_pairs(count):
    """Noisy and clean smooth images, each (count, 3, side, side) float32 in [0, 1] with 8-bit levels."""
    draw = np.random.default_rng(0)
    clean = gaussian_filter(draw.random((count, 3, SIDE, SIDE)), (0, 0, 3, 3))
    clean = (clean - clean.min()) / (clean.max() - clean.min())
    noisy = np.clip(clean + draw.normal(0, 0.05, clean.shape), 0, 1)
    return tuple(torch.tensor((x * 255).round() / 255, dtype=torch.float32) for x in (noisy, clean))


def show(metric, reference, scores, expected):
    """Print a row of the table: the largest difference relative to the reference."""
    scores, expected = np.asarray(scores, np.float64), np.asarray(expected, np.float64)
    print(f"| {metric} | {reference} | {np.abs(scores / expected - 1).max():.1e} |", flush=True)


def show_pairs(name, generated, reference, expected, peer):
    """Print a row for a pair metric."""
    show(name, peer, registry.find("metrics", name).score(generated, reference), expected)


def by_scikit_image(generated, reference):
    """The metrics that scikit-image has."""

    def each(function, *sides, **settings):
        pairs = zip(*(side.double().numpy() for side in sides), strict=True)
        return [function(*pair, **settings) for pair in pairs]

    both = reference, generated
    gray = tuple(luma(side.double())[:, 0] for side in both)
    for name, expected in {
        "mse": each(mean_squared_error, *both),
        "psnr": each(peak_signal_noise_ratio, *both, data_range=1.0),
        "ssim": each(structural_similarity, *both, **COLOUR, **PAPER),
        "ssim_gray": each(structural_similarity, *gray, **GRAY, **PAPER),
        "ssim_range2": each(structural_similarity, *both, channel_axis=0, data_range=2.0),
        "ssim_uniform": each(structural_similarity, *both, **COLOUR),
    }.items():
        show_pairs(name, generated, reference, expected, "scikit-image")


def by_piq(generated, reference):
    """The metrics that piq computes like the authors, in double precision; its FSIM and GMSD are others."""
    both = generated.double(), reference.double()
    for name, function in {"ms_ssim": piq.multi_scale_ssim, "vif": piq.vif_p}.items():
        show_pairs(name, generated, reference, function(*both, reduction="none"), "piq")


def by_keras(generated, reference):
    """Pixel accuracy, as Keras computes it."""
    last = (side.movedim(1, -1) for side in (reference, generated))
    expected = keras.metrics.categorical_accuracy(*last).double().mean(dim=(1, 2))
    show_pairs("pixel_accuracy", generated, reference, expected, "Keras")


def by_matlab():
    """The metrics with golden numbers of MATLAB code in the tests."""
    for column, label in enumerate(matlab.COLUMNS):
        name, _, gray = label.partition(" ")
        scores, expected = [], []
        for size, numbers in matlab.GOLDEN.items():
            if numbers[column] is not None:
                sides = (matlab.make_image(*size, 3), matlab.make_image(*size, 0))
                sides = [side[:, 1:2] if gray else side for side in sides]
                scores.append(registry.find("metrics", name).score(*sides).item())
                expected.append(numbers[column])
        show(label.replace(" gray", ", one channel"), "the authors' MATLAB code", scores, expected)


def by_networks(generated, reference):
    """LPIPS, DISTS and FID, with the same random weights as the references."""
    with tempfile.TemporaryDirectory() as hub, patch.object(torch.hub, "get_dir", lambda: hub):
        states = random_weights.write(Path(hub))
        network = lpips_authors.LPIPS(net="alex", pnet_rand=True, verbose=False)
        backbone = states[lpips.BACKBONE_URL]
        network.net.load_state_dict(
            {name: backbone[f"features.{name.split('.', 1)[1]}"] for name in network.net.state_dict()}
        )
        expected = network(generated * 2 - 1, reference * 2 - 1).flatten()
        show_pairs("lpips", generated, reference, expected, "the authors' package")
        vgg = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
        vgg.load_state_dict({k.removeprefix("features."): v for k, v in states[vgg16.URL].items()})
        with patch("piq.perceptual.vgg16", lambda *_, **__: SimpleNamespace(features=vgg)):
            expected = piq.DISTS(reduction="none")(generated, reference)
        show_pairs("dists", generated, reference, expected, "piq")
        ours, theirs = _inception.Inception(), pytorch_fid.InceptionV3().eval()
    features = [ours(side) for side in (generated, reference)]
    expected = [theirs(side)[0].flatten(1).numpy() for side in (generated, reference)]
    worst = max(np.abs(a - b).max() / np.abs(b).max() for a, b in zip(features, expected, strict=True))
    print(f"| fid, its features, of the largest | pytorch-fid | {worst:.1e} |")
    show(
        "fid, of few images",
        "pytorch-fid's features",
        frechet_distance(*features),
        frechet_distance(*expected),
    )


def by_distances():
    """The distances of FID and KID, on random features."""
    draw = np.random.default_rng(0)
    first, second = draw.normal(size=(400, 64)), draw.normal(0.3, 1.2, size=(500, 64))
    moments = [m for side in (first, second) for m in (side.mean(axis=0), np.cov(side, rowvar=False))]
    distance = calculate_frechet_distance(*moments)
    show("fid, its distance", "pytorch-fid", frechet_distance(first, second), distance)
    expected = piq.KID(average=False)(torch.tensor(first[:400]), torch.tensor(second[:400])).item()
    show("kid, its distance", "piq", kernel_distance(first[:400], second[:400]).value, expected)


def main():
    """Print the table."""
    generated, reference = make_pairs(20)
    print("| metric | reference | largest relative difference |\n| --- | --- | ---: |")
    with torch.inference_mode():
        by_scikit_image(generated, reference)
        by_piq(generated, reference)
        by_keras(generated, reference)
        by_matlab()
        by_networks(generated, reference)
    by_distances()


if __name__ == "__main__":
    main()
