"""The augmentation `backdrop`, alone and beside others."""

import itertools

import numpy as np
import pytest
import torch
from skimage import data

from s2f_cli.training.augmentations import Augmentation, Draw, Levels
from s2f_cli.training.augmentations import _matting as matting
from s2f_cli.training.augmentations import backdrop as module
from s2f_cli.training.augmentations.backdrop import Backdrop
from s2f_cli.training.augmentations.camera import Camera
from s2f_cli.training.augmentations.flip import Flip

ASTRONAUT = np.ascontiguousarray(data.astronaut()[:256:4, 96:352:4].transpose(2, 0, 1))


def ready(levels: Levels, *augmentations: Augmentation) -> Levels:
    for augmentation in augmentations:
        levels = augmentation.prepare(levels, "face")
    return levels


def shown(levels: Levels, *augmentations: Augmentation, seeds: int = 4) -> Levels:
    """Prepare a photo, and show it with several seeds."""
    rows = torch.from_numpy(np.repeat(ready(levels, *augmentations)[None], seeds, axis=0))
    for number, augmentation in enumerate(augmentations):
        generators = [np.random.default_rng((seed, number)) for seed in range(seeds)]
        rows = augmentation(rows, Draw("face", levels.shape[-1], 0, generators))
    return rows.numpy()


@pytest.mark.parametrize("scenes", ["plain", "any"])
def test_replaces_the_backdrop_but_not_the_person(scenes: str) -> None:
    images = shown(ASTRONAUT, Backdrop(1.0, scenes)).astype(int)
    face, corner = images[:, :, 12:28, 26:38], images[:, :, :16, :12]
    assert np.abs(face - ASTRONAUT[:, 12:28, 26:38]).max() <= 1
    assert corner.std(axis=0).mean() > 20


def test_replaces_a_share_of_the_backdrops() -> None:
    images = shown(ASTRONAUT, Backdrop(0.5), seeds=16)
    unchanged = [np.array_equal(image, ASTRONAUT) for image in images]
    assert 3 < sum(unchanged) < 13
    assert all(np.array_equal(image, ASTRONAUT) for image in shown(ASTRONAUT, Backdrop(0.0)))


def test_gray_photos_are_left_alone() -> None:
    assert np.array_equal(ready(ASTRONAUT[:1], Backdrop()), ASTRONAUT[:1])
    assert np.array_equal(shown(ASTRONAUT[:1], Backdrop(1.0))[0], ASTRONAUT[:1])


@pytest.mark.parametrize("order", list(itertools.permutations(["backdrop", "camera", "flip"])))
def test_each_part_finds_its_own_mask_in_any_order(order: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`backdrop` replaces everything and `camera` nothing, so nothing of the photo is left."""
    shape = ASTRONAUT.shape[1:]
    monkeypatch.setattr(module, "person_matte", lambda levels: np.zeros(shape, np.float32))
    monkeypatch.setattr(
        "s2f_cli.training.augmentations.camera.backdrop_mask", lambda *_: np.zeros(shape, np.float32)
    )
    known = {"backdrop": Backdrop(1.0), "camera": Camera(1.0), "flip": Flip()}
    parts = [known[name] for name in order]
    assert len(ready(ASTRONAUT, *parts)) == 5
    images, others = shown(ASTRONAUT, *parts), shown(255 - ASTRONAUT, *parts)
    assert images.shape == (4, *ASTRONAUT.shape) and np.array_equal(images, others)


def test_camera_finds_no_mask_if_it_replaces_no_backdrops() -> None:
    assert np.array_equal(ready(ASTRONAUT, Camera(elsewhere=0.0)), ASTRONAUT)


@pytest.mark.parametrize(
    ("options", "message"), [({"share": 1.5}, "0 to 1"), ({"scenes": "none"}, "one of plain, any")]
)
def test_invalid_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Backdrop(**options)  # type: ignore[arg-type]


def strands() -> tuple[Levels, Levels]:
    """Dark hair that ends in strands, before a green wall; and the shares of the person."""
    share = np.zeros((64, 64), np.float32)
    share[:, :36] = 1
    share[::4, :52] = 1
    share[2::4, 36:52] = 0.5
    wall, hair = (np.array(colour, np.float32)[:, None, None] for colour in ((40, 200, 90), (60, 20, 10)))
    return np.round(hair * share + wall * (1 - share)).astype(np.uint8), share


def test_strands_are_read_from_the_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, share = strands()
    smooth = np.broadcast_to(np.linspace(4.2, -1.2, 64).clip(0, 1), (64, 64)).astype(np.float32)
    monkeypatch.setattr(matting, "person_mask", lambda _: smooth)
    matte = matting.person_matte(photo)
    doubtful = (smooth > 0.05) & (smooth < 0.95)
    before, after = (np.abs(mask - share)[doubtful].mean() for mask in (smooth, matte))
    assert after < 0.3 * before


def test_a_photo_without_a_person_in_the_middle_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    beside = np.zeros(ASTRONAUT.shape[1:], np.float32)
    beside[:, :24] = 1
    monkeypatch.setattr(matting, "person_mask", lambda _: beside)
    assert all(np.array_equal(image, ASTRONAUT) for image in shown(ASTRONAUT, Backdrop(1.0)))


def test_the_old_colour_is_removed_from_mixed_pixels() -> None:
    photo, share = strands()
    images, matte = torch.from_numpy(photo)[None] / 255, torch.from_numpy(share)[None, None]
    blue = torch.tensor([0.1, 0.1, 0.9])[None, :, None, None].expand_as(images)
    pasted = matting.replace_backdrops(images, matte, blue)[0, :, 30, 44] * 255
    expected = (torch.tensor([60, 20, 10]) + 255 * blue[0, :, 0, 0]) / 2
    assert (pasted - expected).abs().max() < 3
