"""Properties of every metric: the score of equal images, symmetry, range, worse scores for more damage."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import gaussian_filter

from s2f_cli.core import images, registry
from s2f_cli.evaluation.features import FeatureStore
from s2f_cli.evaluation.metrics._contract import ImageTooSmall, PairMetric
from s2f_cli.evaluation.metrics.fid import fid
from s2f_cli.evaluation.metrics.kid import kid
from s2f_cli.evaluation.scoring import Sample, Scorer

RANGES = {
    "dists": (0, 1),
    "fsim": (0, 1),
    "fsimc": (0, 1),
    "gmsd": (0, 0.5),
    "lpips": (0, math.inf),
    "ms_ssim": (0, 1),
    "mse": (0, 1),
    "pixel_accuracy": (0, 1),
    "psnr": (0, math.inf),
    "scoot": (0, 1),
    "sharpness": (0, 1),
    "ssim": (-1, 1),
    "ssim_gray": (-1, 1),
    "ssim_range2": (-1, 1),
    "ssim_uniform": (-1, 1),
    "vif": (0, math.inf),
}
LEARNED = {"lpips", "dists"}
ONE_SIDED = {"vif", "pixel_accuracy"}
"""Not symmetric: VIF measures how much of the reference remains, and Keras rounds only predictions."""
BLIND_TO_SHIFTS = {"scoot", "sharpness"}
"""They compare textures regardless of position."""


def _metric(name):
    return registry.find("metrics", name)


def _score(name, generated, reference):
    return _metric(name).score(generated, reference).item()


def _face(height=192, width=176):
    """Blobs, lines and paper, (1, 3, height, width) with 8-bit levels."""
    draw = np.random.default_rng(3)
    image = gaussian_filter(draw.random((3, height, width)), (0, 2, 2))
    image = (image - image.min()) / (image.max() - image.min())
    image[:, :: height // 9, width // 4 :] = 0.1
    image[:, : height // 5] = 0.9
    image = gaussian_filter(image, (0, 1, 1))
    return torch.tensor((image * 255).round() / 255, dtype=torch.float32)[None]


def _face_for(name):
    return _face(96, 88) if name in LEARNED else _face()


def _blurred(image, sigma):
    return torch.tensor(gaussian_filter(image.numpy(), (0, 0, sigma, sigma)))


def test_every_pair_metric_has_a_range():
    assert set(RANGES) == {n for n in registry.names("metrics") if isinstance(_metric(n), PairMetric)}


@pytest.mark.parametrize("name", RANGES)
def test_equal_images_score_the_best_value(name, hub):
    low, high = RANGES[name]
    expected = {"vif": 1.0}.get(name, high if _metric(name).better == "higher" else low)
    face = _face_for(name)
    assert _score(name, face, face) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", sorted(RANGES.keys() - ONE_SIDED))
def test_swapped_images_score_the_same(name, hub):
    first, second = _face_for(name), _blurred(_face_for(name), 1.5)
    assert _score(name, first, second) == pytest.approx(_score(name, second, first), rel=1e-5)


@pytest.mark.parametrize("name", sorted(RANGES.keys() - LEARNED))
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000), kinds=st.tuples(*[st.sampled_from(["noise", "blobs", "black", "white"])] * 2)
)
def test_scores_stay_in_range(name, seed, kinds):
    draw = np.random.default_rng(seed)

    def make(kind):
        if kind in ("black", "white"):
            return np.full((1, 3, 176, 176), float(kind == "white"))
        noise = draw.random((1, 3, 176, 176))
        return noise if kind == "noise" else (gaussian_filter(noise, (0, 0, 4, 4)) > 0.5).astype(float)

    low, high = RANGES[name]
    generated, reference = (torch.tensor(make(kind), dtype=torch.float32) for kind in kinds)
    score = _score(name, generated, reference)
    undefined = name in ("scoot", "sharpness", "vif", "fsim", "fsimc") and {"black", "white"} & set(kinds)
    assert low - 1e-6 <= score <= high + 1e-6 or (undefined and math.isnan(score))


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("damage", ["blur", "shift"])
def test_more_damage_scores_worse(name, damage, hub):
    if damage == "shift" and name in BLIND_TO_SHIFTS:
        pytest.skip("blind to shifts")
    face, amounts = _face_for(name), (0.7, 1.5, 3.0) if damage == "blur" else (1, 2, 3)
    worse = [
        _blurred(face, amount) if damage == "blur" else face.roll((amount, amount), (2, 3))
        for amount in amounts
    ]
    scores = [_score(name, image, face) for image in (face, *worse)]
    assert scores == sorted(scores, reverse=_metric(name).better == "higher") and len(set(scores)) == 4


@pytest.mark.parametrize("name", sorted(RANGES.keys() - {"pixel_accuracy"}))
def test_one_channel_counts_as_three_equal_ones(name, hub):
    gray, blurred = _face_for(name)[:, :1], _blurred(_face_for(name), 1.0)[:, :1]
    expected = _score(name, blurred.expand(-1, 3, -1, -1), gray.expand(-1, 3, -1, -1))
    assert _score(name, blurred, gray) == pytest.approx(expected, rel=1e-4)


def test_sizes_depths_and_channels_may_be_mixed(tmp_path):
    metrics = {name: _metric(name) for name in RANGES if name not in LEARNED}
    scorer = Scorer(metrics, FeatureStore(tmp_path))
    for size in ((180, 200), (256, 190)):
        levels = (_face(*size)[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
        Image.fromarray(levels[..., 0].astype(np.uint16) * 257).save(tmp_path / "deep.png")
        gray = Image.fromarray(levels[..., 0])
        scorer.add(Sample(f"{size} colour", Image.fromarray(levels[::-1].copy()), Image.fromarray(levels)))
        scorer.add(Sample(f"{size} mixed", gray, Image.fromarray(levels)))
        scorer.add(Sample(f"{size} deep", images.read(tmp_path / "deep.png"), gray))
    scores = scorer.scores()
    assert not scores.failed and not scores.undefined
    assert [set(values) for values in scores.per_image.values()] == [set(metrics)] * 6
    for size in ((180, 200), (256, 190)):
        assert scores.per_image[f"{size} deep"]["mse"] == 0 < scores.per_image[f"{size} mixed"]["mse"]


def test_inception_features_depend_on_one_image_and_distances_grow_with_blur(hub):
    extract = kid.open(None)
    faces = torch.cat([_face(64, 64 + n)[..., :64].roll(7 * n, 3) for n in range(4)])
    true = extract(faces)
    np.testing.assert_allclose(extract(faces[:1]), true[:1], rtol=1e-4, atol=1e-6)
    sets = [true, *(extract(_blurred(faces, sigma)) for sigma in (1.0, 3.0))]
    for metric in (fid, kid):
        values = [metric.measure(features, true).value for features in sets]
        assert np.isfinite(values).all() and values == sorted(values)
    assert fid.measure(true, true).value == pytest.approx(0, abs=1e-6)
    assert fid.measure(sets[1], true).value == pytest.approx(fid.measure(true, sets[1]).value, rel=1e-9)


@pytest.mark.parametrize("name", sorted(RANGES.keys() - LEARNED))
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    size=st.tuples(st.integers(1, 48), st.integers(1, 48)),
    channels=st.sampled_from([1, 3]),
    change=st.sampled_from([0, 1 / 255, 1]),
)
def test_small_equal_and_nearly_equal_images_stay_in_range(name, seed, size, channels, change):
    """Not even rounding leaves the documented range. Images that are too small have no score."""
    draw = np.random.default_rng(seed)
    reference = torch.tensor(draw.integers(0, 256, (1, channels, *size)) / 255, dtype=torch.float32)
    generated = (reference + change * torch.tensor(draw.integers(-1, 2, reference.shape))).clamp(0, 1).float()
    try:
        score = _score(name, generated, reference)
    except ImageTooSmall:
        return
    low, high = RANGES[name]
    assert low <= score <= high or math.isnan(score)


@pytest.mark.parametrize("count", [2, 3, 9, 40])
def test_the_distance_of_a_set_to_itself_is_not_negative(count):
    for seed in range(20):
        features = np.random.default_rng(seed).random((count, 512)).astype(np.float32) * 0.1
        nearly = features + np.float32(1e-7)
        assert 0 <= fid.measure(features, features).value < 1e-6
        assert fid.measure(nearly, features).value >= 0
