"""The contract that every metric keeps."""

import pytest
import torch

from s2f_cli.core import registry
from s2f_cli.evaluation.metrics._contract import PairMetric, SetMetric

NAMES = registry.names("metrics")
PAIRED = [name for name in NAMES if isinstance(registry.find("metrics", name), PairMetric)]


def _size(name):
    return (176, 180) if name == "ms_ssim" else (64, 72)


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_describes_itself(name):
    metric = registry.find("metrics", name)
    assert isinstance(metric, PairMetric | SetMetric)
    assert metric.better in ("higher", "lower")
    assert metric.title and metric.unit and metric.variant and metric.source


@pytest.mark.parametrize("name", PAIRED)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_score_depends_on_its_own_pair_only(name, channels, make_images, hub):
    metric = registry.find("metrics", name)
    generated, reference = make_images(2, channels, *_size(name))
    batched = metric.score(generated, reference)
    single = torch.cat([metric.score(g[None], r[None]) for g, r in zip(generated, reference, strict=True)])
    assert batched.shape == (2,) and batched.dtype == torch.float64
    torch.testing.assert_close(batched, single, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", PAIRED)
def test_equal_images_score_best_and_more_noise_scores_worse(name, make_images, hub):
    metric = registry.find("metrics", name)
    scores = []
    for noise in (0.0, 0.03, 0.1, 0.3):
        generated, reference = make_images(1, 3, *_size(name), noise=noise)
        scores.append(metric.score(generated, reference).item())
    assert scores == sorted(scores, reverse=metric.better == "higher")
    assert len(set(scores)) == 4
