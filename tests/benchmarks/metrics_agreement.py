"""How far s2f's metrics are from their references: `python tests/benchmarks/metrics_agreement.py`."""

import numpy as np
import torch
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

from s2f_cli.torchvision_import import torchvision

assert torchvision
import piq  # noqa: E402
from metrics_speed import pictures  # noqa: E402
from pytorch_fid.fid_score import calculate_frechet_distance  # noqa: E402

from s2f_cli import parts  # noqa: E402
from s2f_cli.metrics._frechet import frechet_distance  # noqa: E402
from s2f_cli.metrics.kid import kernel_distance  # noqa: E402

PAPER = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}


def by_scikit_image(function, **settings):
    """A function of scikit-image on each pair, in float64."""

    def scores(generated, reference):
        pairs = zip(reference.double().numpy(), generated.double().numpy(), strict=True)
        return [function(*pair, **settings) for pair in pairs]

    return scores


def by_piq(function):
    """A function of piq, in float64."""
    return lambda generated, reference: function(
        generated.double(), reference.double(), reduction="none"
    ).numpy()


def main():
    """Print the table."""
    generated, reference = pictures(20)
    per_pixel = {"channel_axis": 0, "data_range": 1.0}
    references = {
        "mse": ("scikit-image", by_scikit_image(mean_squared_error)),
        "psnr": ("scikit-image", by_scikit_image(peak_signal_noise_ratio, data_range=1.0)),
        "ssim": ("scikit-image", by_scikit_image(structural_similarity, **per_pixel, **PAPER)),
        "ssim_uniform": ("scikit-image", by_scikit_image(structural_similarity, **per_pixel)),
        "ms_ssim": ("piq", by_piq(piq.multi_scale_ssim)),
        "vif": ("piq", by_piq(piq.vif_p)),
    }
    print("| metric | reference | largest relative difference |\n| --- | --- | ---: |")
    with torch.inference_mode():
        for name, (where, scores) in references.items():
            found = parts.find("metrics", name).score(generated, reference).numpy()
            expected = np.array(scores(generated, reference))
            print(f"| {name} | {where} | {np.abs(found / expected - 1).max():.1e} |")
    draw = np.random.default_rng(0)
    first, second = draw.normal(size=(400, 64)), draw.normal(0.3, 1.2, size=(500, 64))
    moments = [m for side in (first, second) for m in (side.mean(axis=0), np.cov(side, rowvar=False))]
    distance = calculate_frechet_distance(*moments)
    print(f"| fid (distance) | pytorch-fid | {abs(frechet_distance(first, second) / distance - 1):.1e} |")
    expected = piq.KID(average=False)(torch.tensor(first[:400]), torch.tensor(second[:400])).item()
    found = kernel_distance(first[:400], second[:400]).value
    print(f"| kid (distance) | piq | {abs(found / expected - 1):.1e} |")


if __name__ == "__main__":
    main()
