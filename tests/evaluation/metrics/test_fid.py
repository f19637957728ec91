import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pytorch_fid.fid_score import calculate_frechet_distance, get_activations
from pytorch_fid.inception import InceptionV3

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._frechet import frechet_distance
from s2f_cli.evaluation.metrics.fid import fid


def _features(count, dimensions, seed, scale=1.0):
    generator = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(dimensions, dimensions))
    return generator.normal(size=(count, dimensions)) @ mixing * scale + seed / 10


def _by_pytorch_fid(first, second):
    return calculate_frechet_distance(
        first.mean(axis=0), np.cov(first, rowvar=False), second.mean(axis=0), np.cov(second, rowvar=False)
    )


@pytest.mark.parametrize(("count", "other_count"), [(200, 300), (40, 300)])
def test_the_distance_equals_pytorch_fid(count, other_count):
    first, second = _features(count, 32, 1), _features(other_count, 32, 2, 1.3)
    assert frechet_distance(first, second) == pytest.approx(_by_pytorch_fid(first, second), rel=1e-9)


def test_the_distance_of_few_images_equals_that_within_their_span():
    """With fewer images than dimensions, embedding them in a larger space changes nothing."""
    small, other = _features(9, 6, 1), _features(7, 6, 2)
    basis, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(64, 6)))
    assert frechet_distance(small @ basis.T, other @ basis.T) == pytest.approx(
        _by_pytorch_fid(small, other), rel=1e-9
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(1, 16), st.integers(0, 1000))
def test_the_distance_is_finite_symmetric_and_zero_for_equal_sets(count, other_count, dimensions, seed):
    first, second = _features(count, dimensions, seed), _features(other_count, dimensions, seed + 1)
    forth, back = frechet_distance(first, second), frechet_distance(second, first)
    assert np.isfinite(forth) and forth > -1e-6
    assert forth == pytest.approx(back, rel=1e-9, abs=1e-7)
    assert frechet_distance(first, first[::-1]) == pytest.approx(0, abs=1e-6 * (1 + np.square(first).sum()))


def test_a_single_image_is_refused():
    with pytest.raises(MetricError, match="two images"):
        frechet_distance(np.ones((1, 4)), np.ones((5, 4)))


def test_equals_pytorch_fid_from_files_to_score(hub, tmp_path):
    generator = np.random.default_rng(0)
    sets, features = [], []
    extract = fid.open(None)
    reference = InceptionV3()
    for number, noise in enumerate((10, 60)):
        levels = np.clip(128 + generator.normal(0, noise, (3, 48, 40, 3)), 0, 255).astype(np.uint8)
        files = [tmp_path / f"{number}-{n}.png" for n in range(len(levels))]
        for file, image in zip(files, levels, strict=True):
            Image.fromarray(image).save(file)
        sets.append(get_activations(files, reference, batch_size=2, device="cpu", num_workers=0))
        features.append(extract(torch.tensor(levels).permute(0, 3, 1, 2).float() / 255))
    np.testing.assert_allclose(features[0], sets[0], rtol=1e-4, atol=1e-6)
    assert fid.measure(*features).value == pytest.approx(frechet_distance(*sets), rel=1e-5)
