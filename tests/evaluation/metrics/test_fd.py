"""Fréchet distances over other features than Inception's."""

import numpy as np
import pytest
import torch

from s2f_cli.core import registry
from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._embedding import Embedding
from s2f_cli.evaluation.metrics.fd_face import fd_face
from s2f_cli.evaluation.metrics.fd_hog import Gradients, fd_hog
from s2f_cli.evaluation.metrics.identity import identity

LENGTHS = {"fd_face": 128, "fd_hog": 324}


def _features(name, count, seed, shift=0.0):
    """Features (count, D) with unequal spreads, around `shift`."""
    length = LENGTHS[name]
    return np.random.default_rng(seed).normal(size=(count, length)) * np.linspace(0.1, 1, length) + shift


@pytest.mark.parametrize("name", LENGTHS)
@pytest.mark.parametrize("count", [2, 40, 400])
def test_properties_of_a_distance_whatever_the_rank_of_the_covariances(name, count):
    measure = registry.find("metrics", name).measure
    first, second = _features(name, count, 1), _features(name, count + 3, 2)
    assert measure(first, first[::-1]).value == pytest.approx(0, abs=1e-9)
    assert measure(first, second).value == pytest.approx(measure(second, first).value, rel=1e-9)
    shifted = [measure(first + shift, first).value for shift in (0.1, 0.2, 0.4)]
    assert shifted == pytest.approx([LENGTHS[name] * shift**2 for shift in (0.1, 0.2, 0.4)])
    with pytest.raises(MetricError, match="two images"):
        measure(first[:1], second)


def test_faces_share_the_features_of_the_identity_distance():
    assert fd_face.open is identity.open is Embedding and not fd_face.paired


def test_gradients_know_the_direction_of_strokes_and_where_they_are(make_images):
    across = torch.zeros(1, 3, 64, 64)
    across[..., 30:32, 8:56] = 1
    down, moved = across.transpose(2, 3), across.roll(24, 2)
    extract = Gradients()
    features = extract(torch.cat([across, down, moved, 1 - across]))
    assert features.shape == (4, 324)
    assert np.linalg.norm(features[0] - features[1]) > 0.5 < np.linalg.norm(features[0] - features[2])
    np.testing.assert_allclose(features[3], features[0], atol=1e-6)  # light on dark or dark on light
    np.testing.assert_array_equal(extract(down), features[1:2])


def test_damaged_drawings_are_farther_away(make_images):
    extract = fd_hog.open(None)
    values = []
    for noise in (0.0, 0.05, 0.3):
        generated, reference = make_images(8, 1, 48, 48, noise=noise)
        values.append(fd_hog.measure(extract(generated), extract(reference)).value)
    assert values[0] == pytest.approx(0, abs=1e-6) and values == sorted(values) and len(set(values)) == 3


def test_gradients_take_no_weights(tmp_path):
    with pytest.raises(MetricError, match="no weights"):
        Gradients(tmp_path / "weights.pt")
