import numpy as np
import pytest
import torch
from skimage.data import astronaut

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._embedding import Embedding
from s2f_cli.evaluation.metrics.identity import identity
from s2f_cli.evaluation.metrics.identity_rank1 import identity_rank1
from s2f_cli.evaluation.metrics.identity_verification import identity_verification
from s2f_cli.faces import dlib_models
from s2f_cli.faces.embedding import FaceEmbedder


def _people(count, spread, seed=0):
    """Embeddings (count, 128) far apart, and other images of the same people, `spread` away."""
    draw = np.random.default_rng(seed)
    people = draw.normal(size=(count, 128))
    steps = draw.normal(size=(count, 128))
    return people + spread * steps / np.linalg.norm(steps, axis=1, keepdims=True), people


def test_distance_is_measured_to_the_own_reference():
    score = identity.measure(*_people(7, 0.4))
    assert score.value == pytest.approx(0.4) and len(score.per_row) == 7


def test_rank1_counts_faces_nearest_to_their_own_reference():
    generated, reference = _people(6, 0.4)
    assert identity_rank1.measure(generated, reference).value == 1
    swapped = generated[[1, 0, 2, 3, 4, 5]]
    assert identity_rank1.measure(swapped, reference).per_row == (0, 0, 1, 1, 1, 1)


def test_verification_weighs_own_and_other_references_equally():
    assert identity_verification.measure(*_people(6, 0.4)).value == 1
    assert identity_verification.measure(*_people(6, 0.7)).value == 0.5
    same = np.zeros((6, 128))
    assert identity_verification.measure(same, same).value == 0.5


def test_too_few_faces_are_an_error():
    none = np.empty((0, 128))
    with pytest.raises(MetricError, match="no image has features"):
        identity.measure(none, none)
    with pytest.raises(MetricError, match="two people"):
        identity_verification.measure(none, none)


def test_the_embedding_is_undefined_without_a_face():
    face = torch.tensor(astronaut()[:256, 96:352]).permute(2, 0, 1)[None] / 255
    dimmed = face * 0.8
    features = Embedding()(torch.cat([face, dimmed, torch.rand(1, 3, 256, 256)]))
    assert features.shape == (3, 128)
    assert np.isnan(features[2]).all()
    assert np.linalg.norm(features[0] - features[1]) < 0.2


def test_the_embedding_is_dlibs():
    photo = astronaut()[:256, 96:352].copy()
    (box,) = dlib_models.detector()(photo, 0)
    expected = FaceEmbedder().inside(photo, (box.left(), box.top(), box.right(), box.bottom()))
    (features,) = Embedding()(torch.tensor(photo).permute(2, 0, 1)[None] / 255)
    np.testing.assert_allclose(features, expected, atol=2e-6)
