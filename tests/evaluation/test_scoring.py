import math

import numpy as np
import pytest
import torch
from PIL import Image

from s2f_cli.core.errors import ImageError, MetricError, MissingPart
from s2f_cli.evaluation.features import FeatureStore
from s2f_cli.evaluation.metrics._contract import PairMetric, SetMetric, SetScore
from s2f_cli.evaluation.scoring import Sample, Scorer, find_metrics

ABOUT = {"title": "T", "better": "lower", "unit": "1", "variant": "v", "source": "s"}


def _scorer(metrics, **settings):
    return Scorer(metrics, FeatureStore(), **settings)


def _image(level, mode="RGB", size=(12, 10)):
    return Image.new(mode, size, level if mode == "L" else (level,) * 3)


class _Means:
    """The mean of each image as its only feature; black images have none."""

    variant = "means"
    key = "means"
    opened = 0
    seen = 0

    def __init__(self, file):
        type(self).opened += 1

    def __call__(self, images):
        type(self).seen += len(images)
        means = images.mean(dim=(1, 2, 3)).numpy()[:, None]
        return np.where(means == 0, np.nan, means)


def _gap(paired=False):
    def measure(generated, reference):
        if not len(generated):
            raise MetricError("no images")
        return SetScore(float(generated.mean() - reference.mean()))

    return SetMetric(**ABOUT, open=_Means, measure=measure, paired=paired)


def test_scores_of_images_are_kept_and_averaged():
    scorer = _scorer(find_metrics(["mse", "psnr"]))
    scorer.add(Sample("a", _image(0), _image(255)))
    scorer.add(Sample("b", _image(255), _image(255)))
    scores = scorer.scores()
    assert scores.per_image == {"a": {"mse": 1.0, "psnr": 0.0}, "b": {"mse": 0.0, "psnr": math.inf}}
    assert scores.by_metric["mse"].value == 0.5
    assert scores.by_metric["mse"].count == 2
    assert scores.by_metric["psnr"].value == 0 and scores.by_metric["psnr"].count == 1
    assert scores.infinite == {"psnr": ["b"]}
    assert list(scores.by_metric) == ["mse", "psnr"]


def test_the_mean_of_equal_pairs_only_is_infinite():
    scorer = _scorer(find_metrics(["psnr"]))
    scorer.add(Sample("a", _image(9), _image(9)))
    scores = scorer.scores()
    assert scores.by_metric["psnr"].value == math.inf and not scores.infinite


def test_an_image_too_small_for_a_metric_costs_only_its_own_score():
    scorer = _scorer(find_metrics(["ssim", "ms_ssim", "mse"]))
    for name, side in (("a", 40), ("b", 5), ("c", 40)):
        scorer.add(Sample(name, _image(9, size=(side, side)), _image(90, size=(side, side))))
    scores = scorer.scores()
    assert scores.by_metric["ssim"].count == 2 and scores.by_metric["mse"].count == 3
    assert scores.undefined["ssim"] == ["b"] and "5x5" in scores.reasons["ssim"]["b"]
    assert "40x40" in scores.failed["ms_ssim"].message


def test_an_image_of_another_size_costs_only_its_own_recognition():
    scorer = _scorer(find_metrics(["nlda"]))
    draw = np.random.default_rng(0)
    for number in range(12):
        side = 9 if number == 3 else 12
        image = Image.fromarray(draw.integers(0, 256, (side, side), dtype=np.uint8))
        scorer.add(Sample(str(number), image, image))
    scores = scorer.scores()
    assert scores.by_metric["nlda"].count == 11 and scores.undefined == {"nlda": ["3"]}
    assert "another size" in scores.reasons["nlda"]["3"]


def test_a_gray_image_of_a_pair_is_repeated_to_three_channels():
    scorer = _scorer(find_metrics(["mse"]))
    scorer.add(Sample("a", _image(100, "L"), _image(100)))
    assert scorer.scores().by_metric["mse"].value == 0


def test_unequal_sizes_are_refused_or_resized():
    sample = Sample("a", _image(9, size=(30, 20)), _image(9))
    with pytest.raises(ImageError, match="30x20 pixels, its reference 12x10"):
        _scorer(find_metrics(["mse"])).add(sample)
    scorer = _scorer(find_metrics(["mse"]), resize=True)
    scorer.add(sample)
    assert scorer.scores().by_metric["mse"].value == 0


def test_a_failed_metric_does_not_affect_others():
    scorer = _scorer(find_metrics(["ssim", "mse"]))
    scorer.add(Sample("a", _image(1, size=(8, 8)), _image(1, size=(8, 8))))
    scores = scorer.scores()
    assert list(scores.by_metric) == ["mse"]
    assert "smaller than the window" in scores.failed["ssim"].message


def test_undefined_scores_are_kept_but_not_averaged():
    metric = PairMetric(**ABOUT, score=lambda generated, _: torch.log(generated.mean(dim=(1, 2, 3)) - 0.5))
    scorer = _scorer({"log": metric})
    scorer.add(Sample("dark", _image(0), _image(0)))
    scorer.add(Sample("bright", _image(255), _image(0)))
    scores = scorer.scores()
    assert math.isnan(scores.per_image["dark"]["log"])
    assert scores.by_metric["log"].value == pytest.approx(math.log(0.5))
    assert scores.by_metric["log"].count == 1


def test_a_metric_undefined_for_all_pairs_has_failed():
    metric = PairMetric(**ABOUT, score=lambda generated, _: torch.full((len(generated),), math.nan))
    scorer = _scorer({"never": metric})
    scorer.add(Sample("a", _image(0), _image(0)))
    assert "undefined for every pair" in scorer.scores().failed["never"].message


def test_metrics_of_sets_share_features_that_are_extracted_once():
    _Means.opened = _Means.seen = 0
    scorer = _scorer({"one": _gap(), "other": _gap(), "mse": find_metrics(["mse"])["mse"]})
    for number in range(13):
        size = (12, 10) if number % 2 else (8, 8)
        scorer.add(Sample(str(number), _image(204, size=size), _image(51, "L", size)))
    scores = scorer.scores()
    assert (_Means.opened, _Means.seen) == (1, 4)
    assert scores.by_metric["one"].value == pytest.approx(0.6)
    assert scores.by_metric["one"].count == 13
    assert scores.variants["one"] == "v; means"


def test_sets_take_unpaired_images_and_paired_sets_do_not():
    scorer = _scorer({"all": _gap(), "pairs": _gap(paired=True)})
    scorer.add(Sample("a", _image(255), _image(255)))
    scorer.add(Sample("b", _image(0), _image(255)))
    scorer.add(Sample("c", None, _image(51)))
    scores = scorer.scores()
    assert scores.by_metric["all"].value == pytest.approx(1 - (1 + 1 + 0.2) / 3)
    assert scores.by_metric["pairs"].value == 0
    assert scores.by_metric["pairs"].count == 1
    assert scores.undefined == {"all": ["b"], "pairs": ["b"]}


def test_missing_weights_fail_only_their_metric():
    def none(file):
        raise MetricError("no weights")

    scorer = _scorer({"far": SetMetric(**ABOUT, open=none, measure=_gap().measure), **find_metrics(["mse"])})
    scorer.add(Sample("a", _image(1), _image(1)))
    scores = scorer.scores()
    assert list(scores.by_metric) == ["mse"] and scores.failed["far"].message == "no weights"


def test_without_any_image_a_set_has_no_score():
    assert "no images" in _scorer({"gap": _gap()}).scores().failed["gap"].message


def test_metric_names_are_normalised_and_must_be_known():
    assert list(find_metrics([" SSIM", "mse"])) == ["ssim", "mse"]
    with pytest.raises(MissingPart, match="'ssmi'") as caught:
        find_metrics(["ssmi"])
    assert "did you mean 'ssim'" in caught.value.hint


def test_scores_of_single_images_from_features_have_an_interval():
    metric = SetMetric(
        **ABOUT, open=_Means, measure=lambda g, r: SetScore.mean_of((g - r)[:, 0]), paired=True
    )
    scorer = _scorer({"gap": metric})
    for name, level in (("a", 51), ("b", 102), ("c", 153)):
        scorer.add(Sample(name, _image(level), _image(51)))
    scores = scorer.scores()
    assert scores.per_image["c"]["gap"] == pytest.approx(0.4)
    assert scores.by_metric["gap"].value == pytest.approx(0.2)
    assert scores.by_metric["gap"].low < 0.2 < scores.by_metric["gap"].high
