import numpy as np
import pytest
import torch

from s2f_cli.core import paths
from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.features import FeatureCollector, FeatureStore


class _Counting:
    variant = "counting"
    key = "counting"
    seen = 0

    def __init__(self, file):
        type(self).seen = 0

    def __call__(self, images):
        type(self).seen += len(images)
        return images.mean(dim=(2, 3)).numpy()


def _features(store, images):
    collector = FeatureCollector(store.open(_Counting, None))
    for number, image in enumerate(images):
        collector.add(str(number), image, is_reference=False)
        collector.add(str(number), image, is_reference=True)
    return collector.features(paired=True)


@pytest.fixture
def images():
    return [torch.rand(1, 3, 8, 8 + number % 2) for number in range(12)]


def test_equal_images_are_extracted_once_and_never_again(images):
    names, first, second = _features(FeatureStore(), images)
    assert _Counting.seen == 12
    assert names == [str(n) for n in range(12)]
    np.testing.assert_array_equal(first, second)
    _, cached, _ = _features(FeatureStore(), images)
    assert _Counting.seen == 0
    np.testing.assert_array_equal(first, cached)


def test_damaged_features_are_extracted_again(images):
    _features(FeatureStore(), images)
    for file in (paths.cache() / "features" / "counting").iterdir():
        file.write_bytes(b"\x93NUM")
    _features(FeatureStore(), images)
    assert _Counting.seen == 12


def test_an_unwritable_cache_is_ignored(images, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "file"))
    names, _, _ = _features(FeatureStore(), images)
    assert len(names) == 12


def test_no_face_in_any_image_is_an_error(images):
    class FindsNothing(_Counting):
        key = ""

        def __call__(self, images):
            return np.full((len(images), 3), np.nan)

    collector = FeatureCollector(FeatureStore().open(FindsNothing, None))
    for side in (True, False):
        collector.add("one", images[0], is_reference=side)
    with pytest.raises(MetricError, match="no face was found in any of the images"):
        collector.features(paired=True)
    assert collector.without_features() == ["one"]
