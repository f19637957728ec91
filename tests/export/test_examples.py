"""The real images on which an exported model is compared and calibrated."""

import numpy as np
import pytest
from skimage import data

from s2f_cli.core import images
from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.export import examples as _examples
from s2f_cli.export.network import DirectionNetwork


@pytest.fixture
def usage(model):
    return DirectionNetwork(*model, "sketch").usage


def _pixels(photos):
    return [(photo.size, photo.tobytes()) for photo in photos]


def test_without_data_the_astronaut_is_used(usage, tmp_path) -> None:
    examples = _examples.find_examples(usage, None, tmp_path)
    assert examples.origin == "scikit-image's astronaut"
    assert np.array_equal(np.asarray(examples.checked[0]), data.astronaut())
    array = examples.array(examples.checked[0])
    assert array.shape == (3, 32, 32)
    assert -1 <= array.min() < array.max() <= 1


def test_a_data_set_is_compared_on_its_test_split_and_calibrated_on_its_train_split(
    usage, make_data, tmp_path
) -> None:
    folder = make_data(tmp_path / "data", train=(2, 4), test=(3, 1))
    examples = _examples.find_examples(usage, None, folder)
    assert examples.origin == f"the test split of {folder}"
    tested = [images.read(folder / f"test/face/{n}.png") for n in range(3)]
    trained = [images.read(folder / f"train/face/{n}.png") for n in range(2)]
    assert _pixels(examples.checked) == _pixels(tested)
    assert _pixels(examples.calibration) == _pixels(trained)


def test_a_data_set_without_images_of_the_domain_is_ignored(usage, make_data, tmp_path) -> None:
    folder = make_data(tmp_path / "data", train=(0, 2), test=(0, 2))
    assert _examples.find_examples(usage, None, folder).origin == "scikit-image's astronaut"


def test_a_broken_manifest_is_an_error(usage, tmp_path) -> None:
    (tmp_path / "manifest.jsonl").write_text("{}")
    with pytest.raises(DataError, match="line 1"):
        _examples.find_examples(usage, None, tmp_path)


def test_images_of_a_folder_alternate_between_comparison_and_calibration(usage, drawing, tmp_path) -> None:
    photos = [drawing(seed) for seed in range(5)]
    for number, photo in enumerate(photos):
        photo.save(tmp_path / f"{number}.png")
    (tmp_path / "3b.png").write_text("no image")
    examples = _examples.find_examples(usage, tmp_path, tmp_path / "data")
    assert _pixels(examples.checked) == _pixels(photos[::2])
    assert _pixels(examples.calibration) == _pixels(photos[1::2])
    assert list(examples.failures) == [str(tmp_path / "3b.png")]


def test_a_single_image_is_used_for_both(usage, drawing, tmp_path) -> None:
    drawing(1).save(tmp_path / "a.png")
    examples = _examples.find_examples(usage, tmp_path, tmp_path)
    assert _pixels(examples.checked) == _pixels(examples.calibration) == _pixels([drawing(1)])


def test_a_folder_without_a_readable_image_is_refused(usage, tmp_path) -> None:
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(ImageError, match=r"no image in .* can be read"):
        _examples.find_examples(usage, tmp_path, tmp_path)
