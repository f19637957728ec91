"""Pairs and images a second of s2f's metrics beside their peers: `python tests/benchmarks/metrics_speed.py`.

Each turn times ours and the peer's one after the other; the medians over the turns are printed. Inception has
random weights, which cost as much as the published ones.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity

from s2f_cli.torchvision_import import torchvision

assert torchvision
import piq  # noqa: E402
from pytorch_fid import inception  # noqa: E402
from pytorch_fid.fid_score import get_activations  # noqa: E402

from s2f_cli.evaluation.scoring import find_metrics  # noqa: E402
from s2f_cli.metrics._inception import Inception  # noqa: E402

SIDE = 256


def pictures(count):
    """Smooth images and noisy ones beside them, (count, 3, side, side) in [0, 1], float32."""
    draw = np.random.default_rng(0)
    clean = gaussian_filter(draw.random((count, 3, SIDE, SIDE)), (0, 0, 3, 3))
    clean = (clean - clean.min()) / (clean.max() - clean.min())
    noisy = np.clip(clean + draw.normal(0, 0.05, clean.shape), 0, 1)
    return torch.tensor(noisy, dtype=torch.float32), torch.tensor(clean, dtype=torch.float32)


def seconds(work):
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(title, count, turns, ours, peer, peer_name):
    """Print the rates of ours and the peer's."""
    ours(), peer()
    pairs = [(seconds(ours), seconds(peer)) for _ in range(turns)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"| {title} | {count / mine:.1f} | {count / theirs:.1f} ({peer_name}) | {theirs / mine:.2f} |",
        flush=True,
    )


def by_scikit_image(generated, reference):
    """The paper's SSIM of each pair."""
    for first, second in zip(generated.numpy(), reference.numpy(), strict=True):
        structural_similarity(
            first, second, channel_axis=0, data_range=1.0, gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False,
        )  # fmt: skip


def random_weights(folder):
    """A file of pytorch-fid's layout with random weights."""
    state = {}
    with (
        patch.object(inception, "load_state_dict_from_url", lambda *_, **__: {}),
        patch.object(torch.nn.Module, "load_state_dict", lambda self, _: state.update(self.state_dict())),
    ):
        inception.fid_inception_v3()
    for tensor in state.values():
        if tensor.ndim == 4:
            torch.nn.init.kaiming_normal_(tensor)
    torch.save(state, folder / "inception.pth")
    return folder / "inception.pth"


def pairwise(metrics, generated, reference):
    """All metrics on each pair, as `s2f evaluate` does."""
    for first, second in zip(generated.split(1), reference.split(1), strict=True):
        for metric in metrics.values():
            metric.score(first, second)


def inception_rates(count, turns):
    """Features of image files: ours, and pytorch-fid's at its own batch of 50."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = random_weights(folder)
        ours = Inception(file)
        with patch.object(inception, "load_state_dict_from_url", lambda *_, **__: torch.load(file)):
            theirs = inception.InceptionV3()
        files = [folder / f"{number}.png" for number in range(count)]
        for path, image in zip(files, pictures(count)[0], strict=True):
            Image.fromarray((image.permute(1, 2, 0).numpy() * 255).astype(np.uint8)).save(path)

        def mine():
            for start in range(0, count, 10):
                batch = [np.asarray(Image.open(path)) for path in files[start : start + 10]]
                ours(torch.tensor(np.stack(batch)).permute(0, 3, 1, 2).float() / 255)

        def peer():
            get_activations(files, theirs, batch_size=50, device="cpu", num_workers=0)

        compare("Inception features", count, turns, mine, peer, "pytorch-fid")


def main():
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=1000)
    options.add_argument("--images", type=int, default=50)
    options.add_argument("--turns", type=int, default=3)
    given = options.parse_args()
    threads, load = torch.get_num_threads(), os.getloadavg()[0]
    print(f"{given.pairs} pairs of {SIDE} pixels, {threads} threads, load {load:.1f}\n")
    print("| | s2f /s | peer /s | faster by |\n| --- | ---: | ---: | ---: |")
    generated, reference = pictures(given.pairs)
    with torch.inference_mode():
        several = find_metrics(["ssim", "ms_ssim", "fsim", "scoot"])
        for name, peer, peer_name in (
            ("ssim", lambda: by_scikit_image(generated, reference), "scikit-image"),
            ("ms_ssim", lambda: each(piq.multi_scale_ssim, generated, reference), "piq"),
            ("fsim", lambda: each(piq.fsim, generated, reference), "piq"),
            ("vif", lambda: each(piq.vif_p, generated, reference), "piq"),
            ("gmsd", lambda: each(piq.gmsd, generated, reference), "piq"),
        ):
            one = find_metrics([name])
            ours = partial(pairwise, one, generated, reference)
            compare(name, given.pairs, given.turns, ours, peer, peer_name)

        def peers():
            by_scikit_image(generated, reference)
            each(piq.multi_scale_ssim, generated, reference)
            each(piq.fsim, generated, reference)

        compare(
            "ssim + ms_ssim + fsim + scoot", given.pairs, given.turns,
            lambda: pairwise(several, generated, reference), peers, "the same without SCOOT",
        )  # fmt: skip
        inception_rates(given.images, given.turns)


def each(function, generated, reference):
    """A function of piq on each pair."""
    for first, second in zip(generated.split(1), reference.split(1), strict=True):
        function(first, second, data_range=1.0)


if __name__ == "__main__":
    sys.exit(main())
