import numpy as np
import pytest
from PIL import Image

from s2f_cli.faces import align, colours
from s2f_cli.faces.geometry import Face
from s2f_cli.models.colours import REGIONS

EYES = ((80.0, 100.0), (120.0, 100.0))
EYES_OF_400 = ((160.0, 200.0), (240.0, 200.0))


def weights(size: tuple[int, int], eyes: object = EYES) -> dict[str, np.ndarray]:
    masks = colours.region_masks(size, eyes, REGIONS)  # type: ignore[arg-type]
    assert all(mask.size == size and mask.mode == "L" for mask in masks)
    return {region: np.asarray(mask) / 255 for region, mask in zip(REGIONS, masks, strict=True)}


def test_regions_lie_where_the_eyes_say() -> None:
    masks = weights((200, 240))
    for region, inside, outside in [
        ("skin", [(76, 125), (124, 125)], [(100, 125), (100, 100), (100, 160), (20, 125)]),
        ("hair", [(100, 37), (85, 42)], [(100, 80), (100, 10), (20, 50)]),
        ("backdrop", [(5, 5), (195, 100), (5, 100)], [(100, 60), (100, 125), (5, 230)]),
    ]:
        assert all(masks[region][y, x] > 0.9 for x, y in inside), region
        assert all(masks[region][y, x] == 0 for x, y in outside), region


def test_regions_turn_and_scale_with_the_eyes() -> None:
    upright = weights((200, 200), ((80.0, 100.0), (120.0, 100.0)))
    turned = weights((200, 200), ((100.0, 80.0), (100.0, 120.0)))
    large = weights((400, 400), ((160.0, 200.0), (240.0, 200.0)))
    for region in ("skin", "hair"):
        assert np.abs(np.rot90(upright[region], -1) - turned[region]).max() < 0.1
        assert abs(upright[region].mean() - large[region].mean()) < 0.001


def test_without_eyes_there_is_only_the_border() -> None:
    masks = weights((100, 80), None)
    assert not masks["skin"].any() and not masks["hair"].any()
    assert masks["backdrop"][2, 50] == masks["backdrop"][30, 2] == 1
    assert masks["backdrop"][40, 50] == masks["backdrop"][70, 2] == 0


def test_a_known_person_bounds_hair_and_backdrop() -> None:
    person = np.zeros((400, 400), np.float32)
    person[:, :200] = 1
    size = (400, 400)
    masks = colours.region_masks(size, EYES_OF_400, REGIONS, person)
    skin, hair, backdrop = (np.asarray(mask) / 255 for mask in masks)
    whole = [np.asarray(mask) / 255 for mask in colours.region_masks(size, EYES_OF_400, REGIONS)]
    assert np.array_equal(skin, whole[0])
    assert not hair[:, 204:].any() and np.abs(hair - whole[1])[:, :196].max() < 0.01
    assert not backdrop[:, :196].any() and np.abs(backdrop - whole[2])[:, 204:].max() < 0.01


@pytest.mark.parametrize("channels", [1, 3])
def test_the_colour_ignores_a_minority_of_other_pixels(channels: int) -> None:
    levels = np.full((1, channels, 96, 96), 200, np.uint8)
    levels[:, :, :30] = 0
    masks = np.full((1, 1, 96, 96), 255, np.uint8)
    colour = colours.measure(levels, masks)
    assert colour.shape == (1, 1, 3)
    assert colour == pytest.approx(200 / 127.5 - 1, abs=0.1)


def test_a_region_that_is_hardly_there_has_no_colour() -> None:
    levels = np.zeros((2, 3, 64, 64), np.uint8)
    masks = np.zeros((2, 2, 64, 64), np.uint8)
    masks[0, 1] = 255
    assert np.isnan(colours.measure(levels, masks)).all(axis=2).tolist() == [[True, False], [True, True]]


def test_the_colours_of_a_photo() -> None:
    photo = Image.new("RGB", (200, 240), (0, 0, 255))
    photo.paste((255, 0, 0), (60, 110, 140, 140))
    skin, hair, backdrop = colours.measure_photo(photo, REGIONS, EYES)
    assert skin == pytest.approx([1, -1, -1], abs=0.1)
    assert hair == pytest.approx([-1, -1, 1]) == backdrop
    assert colours.measure_photo(photo, ("skin",), None) == [None]


def test_the_largest_face_has_the_eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    def face(width: float, x: float) -> Face:
        return Face((0, 0, width, width), 1.0, (x, 0), (x, 0), (x, 1.0), (x + 1, 1.0))

    monkeypatch.setattr(align, "find", lambda photo, aligner: [face(10, 3), face(20, 5), face(15, 7)])
    assert colours.find_eyes(Image.new("L", (9, 9))) == ((5, 1), (6, 1))
    monkeypatch.setattr(align, "find", lambda photo, aligner: [])
    assert colours.find_eyes(Image.new("L", (9, 9))) is None
