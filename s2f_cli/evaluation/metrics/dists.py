"""Deep image structure and texture similarity.

K. Ding, K. Ma, S. Wang, E. Simoncelli: Image quality assessment: unifying structure and texture similarity,
IEEE TPAMI 44(5), 2022.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import torch
import torch.nn.functional as F

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._gradients import similarity
from s2f_cli.evaluation.metrics._weights import find, load
from s2f_cli.models.pretrained import vgg16

__all__ = ["dists"]

WEIGHTS_URL = "https://github.com/photosynthesis-team/piq/releases/download/v0.4.1/dists_weights.pt"
_CHANNELS = (3, 64, 128, 256, 512, 512)
_POOLS = (4, 9, 16, 23)
_LAYERS = 30
_SIZE = 256
_CONSTANT = 1e-6


def _dists(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    network = _vgg(find(vgg16.URL))
    means, structures = _channel_weights(find(WEIGHTS_URL))
    similarities = torch.zeros(len(generated), dtype=torch.float64)
    stages = zip(_features(generated, network), _features(reference, network), strict=True)
    for (first, second), mean_weights, structure_weights in zip(stages, means, structures, strict=True):
        mean, other_mean = first.mean(dim=(2, 3)), second.mean(dim=(2, 3))
        variance, other_variance = (maps.var(dim=(2, 3), correction=0) for maps in (first, second))
        covariance = (first * second).mean(dim=(2, 3)) - mean * other_mean
        texture = similarity(mean, other_mean, _CONSTANT)
        structure = (2 * covariance + _CONSTANT) / (variance + other_variance + _CONSTANT)
        similarities += (mean_weights * texture + structure_weights * structure).sum(dim=1)
    return (1 - similarities).clamp(0, 1)


def _features(images: torch.Tensor, network: torch.nn.Sequential) -> Iterator[torch.Tensor]:
    """Yield the images themselves, then VGG-16's maps of each stage, in float64; poolings are L2 poolings.

    Images whose short side exceeds 256 pixels are shrunk to it first.
    """
    maps = images.expand(-1, 3, -1, -1)
    if min(images.shape[-2:]) > _SIZE:
        scale = _SIZE / min(images.shape[-2:])
        height, width = (int(scale * side) for side in images.shape[-2:])
        maps = F.interpolate(maps, (height, width), mode="bilinear", antialias=True)
    yield maps.double()
    maps = vgg16.standardise(maps)
    for number, layer in enumerate(list(network)[:_LAYERS]):
        if number in _POOLS:
            yield maps.double()
            maps = _l2_pool(maps)
        else:
            maps = layer(maps)
    yield maps.double()


def _l2_pool(maps: torch.Tensor) -> torch.Tensor:
    """The root of Hann-weighted mean squares of 3×3 pixels, at every second pixel (equation 3)."""
    hann = maps.new_tensor([0.25, 0.5, 0.25])
    window = (hann[:, None] * hann).expand(maps.shape[1], 1, 3, 3)
    return (F.conv2d(maps.square(), window, stride=2, padding=1, groups=maps.shape[1]) + 1e-12).sqrt()


@lru_cache(maxsize=1)
def _vgg(file: Path) -> torch.nn.Sequential:
    return vgg16.features(file, MetricError).eval()


def _channel_weights(file: Path) -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]:
    """Weights of the similarities of means and structures, by stage; all together sum to 1."""
    weights = load(file)
    try:
        means, structures = weights["alpha"].double().flatten(), weights["beta"].double().flatten()
        total = means.sum() + structures.sum()
        return (means / total).split(_CHANNELS), (structures / total).split(_CHANNELS)
    except (KeyError, AttributeError, RuntimeError) as problem:
        raise MetricError(
            f"{file} does not hold the weights of DISTS", f"download {WEIGHTS_URL} again"
        ) from problem


dists = PairMetric(
    title="DISTS",
    better="lower",
    unit="0 to 1",
    variant="VGG-16 of torchvision, at most 256 pixels on the short side",
    source="Ding, Ma, Wang, Simoncelli, IEEE TPAMI 44(5), 2022",
    score=_dists,
)
