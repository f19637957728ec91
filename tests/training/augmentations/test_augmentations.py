"""The contract of augmentations, and the effect of each one."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from skimage import data
from skimage.transform import resize
from torch import Tensor

from s2f_cli.core import registry
from s2f_cli.models.domains import Domain
from s2f_cli.training.augmentations import Augmentation, Draw, Levels
from s2f_cli.training.augmentations._backdrop_mask import backdrop_mask
from s2f_cli.training.augmentations._image_operations import gaussian_blur
from s2f_cli.training.augmentations._random_scenes import plain_scenes, random_scenes
from s2f_cli.training.augmentations.jitter import Jitter

NAMES = registry.names("augmentations")
SIDE = 32


def face(height: int = 40, width: int = 32) -> Levels:
    astronaut = data.astronaut()[:230, 120:310]
    return (resize(astronaut, (height, width), anti_aliasing=True) * 255).astype(np.uint8).transpose(2, 0, 1)


def draw(*seeds: int, domain: Domain = "face", variant: int = 0) -> Draw:
    return Draw(domain, SIDE, variant, [np.random.default_rng(seed) for seed in seeds])


def rows(levels: Levels, count: int) -> Tensor:
    return torch.from_numpy(np.repeat(levels[None], count, axis=0))


def augmented(augmentation: Augmentation, levels: Levels, *seeds: int, **options) -> Levels:
    """Augment an image with each of the seeds, all in one batch."""
    return augmentation(rows(levels, len(seeds)), draw(*seeds, **options)).numpy()


def prepared(augmentation: Augmentation, domain: Domain) -> Levels:
    image = face(40 if augmentation.takes_whole_image else 32)
    return augmentation.prepare(image if domain == "face" else image[:1], domain)


@pytest.mark.parametrize("domain", ["face", "sketch"])
@pytest.mark.parametrize("name", NAMES)
def test_the_seed_alone_determines_squares_of_the_same_channels(name: str, domain: Domain) -> None:
    augmentation = registry.find("augmentations", name)()
    before = rows(prepared(augmentation, domain), 3)
    original = before.clone()
    shown = augmentation(before, draw(0, 0, 1, domain=domain))
    assert shown.dtype == torch.uint8 and shown.shape == (3, 3 if domain == "face" else 1, SIDE, SIDE)
    assert torch.equal(shown[0], shown[1]) and torch.equal(before, original)


@pytest.mark.parametrize("domain", ["face", "sketch"])
@pytest.mark.parametrize("name", NAMES)
def test_a_row_does_not_depend_on_the_other_rows(name: str, domain: Domain) -> None:
    augmentation = registry.find("augmentations", name)()
    levels = prepared(augmentation, domain)
    together = augmented(augmentation, levels, *range(8), domain=domain).astype(int)
    alone = [augmented(augmentation, levels, seed, domain=domain)[0] for seed in range(8)]
    assert np.abs(together - np.stack(alone)).max() <= 1  # rounding


@pytest.mark.parametrize("domain", ["face", "sketch"])
@pytest.mark.parametrize("name", NAMES)
def test_it_computes_on_the_device_of_the_images(name: str, domain: Domain) -> None:
    """Only random numbers come from the CPU: on "meta", an operation on two devices fails."""
    augmentation = registry.find("augmentations", name)()
    levels = rows(prepared(augmentation, domain), 8).to("meta")
    assert augmentation(levels, draw(*range(8), domain=domain)).device.type == "meta"


@pytest.mark.parametrize(
    ("name", "changed"),
    [("backdrop", "face"), ("camera", "face"), ("paper", "sketch"), ("jitter", "both"), ("flip", "both")],
)
def test_it_changes_only_its_domains(name: str, changed: str) -> None:
    augmentation = registry.find("augmentations", name)()
    domains: list[Domain] = ["face", "sketch"]
    for domain in domains:
        shown = augmented(augmentation, prepared(augmentation, domain), *range(8), domain=domain)
        assert (len({image.tobytes() for image in shown}) > 1) == (changed in (domain, "both"))


def test_flip_returns_exactly_the_image_or_its_mirror_image() -> None:
    shown = augmented(registry.find("augmentations", "flip")(), face(32), *range(8))
    mirrored = [np.random.default_rng(seed).random() < 0.5 for seed in range(8)]
    assert len(set(mirrored)) == 2
    for image, mirror in zip(shown, mirrored, strict=True):
        assert np.array_equal(image, face(32)[:, :, ::-1] if mirror else face(32))


@pytest.mark.parametrize("variant", range(8))
def test_dihedral_returns_exactly_the_image_in_each_orientation(variant: int) -> None:
    shown = augmented(registry.find("augmentations", "dihedral")(), face(32), 0, variant=variant)[0]
    image = face(32)[:, :, ::-1] if variant >= 4 else face(32)
    assert np.array_equal(shown, np.rot90(image, variant % 4, axes=(1, 2)))


def test_jitter_moves_a_face_and_its_sketch_alike() -> None:
    jitter, image = Jitter(), face()
    grays = augmented(jitter, image[:1], *range(4), domain="sketch")
    assert np.abs(grays[:, 0].astype(int) - augmented(jitter, image, *range(4))[:, 0]).max() <= 1


def test_jitter_without_rotation_and_scaling_crops_a_window() -> None:
    still = Jitter(degrees=0, scale=(1.0, 1.0), window=16)
    image = face()
    shown = augmented(still, image, *range(30))
    assert shown.shape == (30, 3, 16, 16)
    offsets = set()
    for crop in shown:
        differences = {
            (y, x): np.abs(crop.astype(int) - image[:, y : y + 16, x : x + 16]).mean()
            for y in range(25)
            for x in range(17)
        }
        offsets.add(min(differences, key=differences.__getitem__))
    assert len(offsets) > 15  # all over the image


def test_jitter_scales_and_rotates() -> None:
    board = np.kron(np.indices((4, 4)).sum(0) % 2, np.ones((16, 16)))[None].astype(np.uint8) * 255
    twice = augmented(Jitter(degrees=0, scale=(2.0, 2.0), window=32), board, 3)[0]
    edges = np.abs(np.diff(twice.astype(int), axis=2)).max(axis=(0, 1)) > 100
    assert edges.sum() <= 3  # squares of 32 pixels
    turned = augmented(Jitter(degrees=45, scale=(1.0, 1.0), window=32), board, 3)
    assert len(np.unique(turned)) > 2


def test_jitter_matches_the_affine_transform_of_pillow() -> None:
    """On the inside of smooth images, where bicubic filters differ little."""
    y, x = np.mgrid[0:80, 0:64]
    smooth = np.round(127 + 60 * np.sin(x / 9) + 60 * np.cos(y / 11)).astype(np.uint8)[None]
    jitter = Jitter(degrees=20, scale=(1.1, 1.6), window=32)
    shown = augmented(jitter, smooth, *range(10))[:, 0]
    compared = 0
    for seed, crop in enumerate(shown):
        random, extent, side = np.random.default_rng(seed), np.array([64, 80]), 32
        angle = np.deg2rad(random.uniform(-20, 20))
        scale = np.exp(random.uniform(*np.log((1.1, 1.6))))
        reach = np.maximum(extent - side / scale, 0) / 2 + 0.04 * side
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
        start = extent / 2 + random.uniform(-1, 1, 2) * reach - turn @ np.array([side / 2, side / 2])
        affine = (*turn[0], start[0], *turn[1], start[1])
        how = Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC
        inside = np.asarray(Image.new("L", (64, 80), 255).transform((side, side), *how)) == 255
        inside = ndimage.binary_erosion(inside, iterations=3, border_value=1)
        expected = np.asarray(Image.fromarray(smooth[0]).transform((side, side), *how)).astype(int)
        assert np.abs(crop - expected)[inside].max() <= 2
        compared += inside.sum()
    assert compared > 0.5 * shown.size


@pytest.mark.parametrize("extent", [(32, 32), (40, 24)])
def test_plain_borders_continue_the_wall_and_stand_at_the_bottom(extent: tuple[int, int]) -> None:
    height, width = extent
    photo = np.full((3, height, width), 200, np.uint8)
    photo[:, height // 2 :, 8:-8] = 40
    jitter = Jitter(degrees=0, scale=(0.5, 0.5), window=32, borders="plain")
    shown = augmented(jitter, photo, *range(8))
    assert set(np.unique(shown[:, :, : 32 - height // 2])) == {200}, "above the image there is wall"
    assert (shown[:, 0] < 100).any(axis=(1, 2)).all(), "the person is in the window"
    assert (shown[:, 0, -1] < 100).any(axis=1).all(), "at its bottom"
    columns = {int(np.flatnonzero((row < 100).any(axis=0))[0]) for row in shown[:, 0]}
    assert len(columns) > 1, "at any place across"


def test_jitter_mirrors_borders() -> None:
    """Outside an image of two halves, each half continues."""
    halves = np.repeat([[[40] * 16 + [200] * 16]], 32, axis=1).astype(np.uint8)
    shown = augmented(Jitter(degrees=0, scale=(0.7, 0.7), window=32), halves, *range(6))
    assert (np.abs(shown[:, :, :, :3].astype(int) - 40) <= 2).all()
    assert (np.abs(shown[:, :, :, -3:].astype(int) - 200) <= 2).all()


@pytest.mark.parametrize(
    "options", [{"scale": (1.0,)}, {"scale": (0.0, 1.0)}, {"degrees": 90}, {"borders": "red"}]
)
def test_invalid_jitter_options_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"scale|degrees|borders"):
        Jitter(**options)  # type: ignore[arg-type]


def test_the_blur_of_each_row_matches_scipy() -> None:
    images = torch.from_numpy(np.stack([face(), face()[:, ::-1]])).float()
    sigmas = (0.6, 4.0)
    for image, blurred, sigma in zip(images, gaussian_blur(images, sigmas), sigmas, strict=True):
        expected = ndimage.gaussian_filter(image.numpy(), (0, sigma, sigma), mode="nearest", truncate=3)
        assert np.abs(blurred.numpy() - expected).max() < 0.1


def test_the_mask_covers_a_plain_backdrop_but_not_the_head() -> None:
    photo = np.empty((3, 64, 48), np.uint8)
    photo[:] = np.array([70, 150, 210])[:, None, None]
    photo += np.linspace(0, 25, 64).astype(np.uint8)[None, :, None]  # shaded
    photo[:, 20:, 14:34] = np.array([200, 160, 130])[:, None, None]
    photo[:, 12:30, 12:36] = 30  # hair
    mask = backdrop_mask(photo, 42.0)
    assert mask[:8].min() > 0.95 and mask[30:, :8].min() > 0.95
    assert mask[24:28, 18:30].max() < 0.05 and mask[45:, 18:30].max() < 0.05


def test_the_mask_covers_black_corners() -> None:
    photo = np.full((3, 64, 48), 180, np.uint8)
    photo[:, 20:, 14:34] = 60
    for row in range(10):
        photo[:, row, : 10 - row] = 0
    assert backdrop_mask(photo, 42.0)[:18, :12].min() > 0.9


def test_camera_replaces_the_backdrop_but_not_the_face() -> None:
    camera = registry.find("augmentations", "camera")(elsewhere=1.0)
    photo = np.full((3, 64, 48), 180, np.uint8)
    photo[:, 20:, 14:34] = 60
    ready = camera.prepare(photo, "face")
    assert ready.shape == (4, 64, 48)
    shown = augmented(camera, ready, *range(12)).astype(float)
    corner = np.std(shown[:, :, 2, 2], axis=0).mean()
    inside = np.std(shown[:, :, 50, 24], axis=0).mean()
    assert corner > 1.5 * inside


def test_random_scenes_differ() -> None:
    generators = [np.random.default_rng(seed) for seed in range(10)]
    shown = random_scenes(20, 30, generators, torch.device("cpu"))
    assert shown.shape == (10, 3, 20, 30) and shown.isfinite().all()
    assert all(-1 < scene.mean() < 2 for scene in shown)
    assert len({scene.numpy().tobytes() for scene in shown}) == 10


def test_plain_scenes_are_walls_of_one_colour_or_two_that_are_alike() -> None:
    generators = [np.random.default_rng(seed) for seed in range(40)]
    shown = plain_scenes(20, 30, generators, torch.device("cpu"))
    assert shown.shape == (40, 3, 20, 30) and shown.min() >= 0 and shown.max() <= 1
    assert (shown.amin(dim=(2, 3)) / shown.amax(dim=(2, 3))).min() > 0.55
    means = shown.mean(dim=(1, 2, 3))
    assert means.min() < 0.2 and means.max() > 0.85
    saturation = shown.amax(dim=1) - shown.amin(dim=1)
    assert saturation.min() < 0.03 and saturation.max() > 0.3
