"""What holds for every metric, whichever there are."""

import pytest
import torch

from s2f_cli.core import registry
from s2f_cli.evaluation.metrics._contract import PairMetric, SetMetric

NAMES = registry.names("metrics")
PAIRED = [name for name in NAMES if isinstance(registry.find("metrics", name), PairMetric)]


def _size(name):
    return (176, 180) if name == "ms_ssim" else (64, 72)


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is(name):
    metric = registry.find("metrics", name)
    assert isinstance(metric, PairMetric | SetMetric)
    assert metric.better in ("higher", "lower")
    assert metric.title and metric.unit and metric.variant and metric.source


@pytest.mark.parametrize("name", PAIRED)
@pytest.mark.parametrize("channels", [1, 3])
def test_scores_each_pair_by_itself(name, channels, pictures, hub):
    metric = registry.find("metrics", name)
    generated, reference = pictures(2, channels, *_size(name))
    together = metric.score(generated, reference)
    apart = torch.cat([metric.score(g[None], r[None]) for g, r in zip(generated, reference, strict=True)])
    assert together.shape == (2,) and together.dtype == torch.float64
    torch.testing.assert_close(together, apart, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", PAIRED)
def test_an_image_beside_itself_scores_best_and_more_noise_scores_worse(name, pictures, hub):
    metric = registry.find("metrics", name)
    scores = []
    for noise in (0.0, 0.03, 0.1, 0.3):
        generated, reference = pictures(1, 3, *_size(name), noise=noise)
        scores.append(metric.score(generated, reference).item())
    assert scores == sorted(scores, reverse=metric.better == "higher")
    assert len(set(scores)) == 4
