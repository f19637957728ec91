"""What every augmentation keeps to, and what each one does."""

import numpy as np
import numpy.typing as npt
import pytest
from skimage import data
from skimage.transform import resize

from s2f_cli import parts
from s2f_cli.augmentations._contract import Augmentation, Draw
from s2f_cli.augmentations.camera import backdrop, scene
from s2f_cli.augmentations.jitter import Jitter
from s2f_cli.images import Domain

NAMES = parts.names("augmentations")
SIDE = 32

Levels = npt.NDArray[np.uint8]


def face(height: int = 40, width: int = 32) -> Levels:
    astronaut = data.astronaut()[:230, 120:310]
    return (resize(astronaut, (height, width), anti_aliasing=True) * 255).astype(np.uint8).transpose(2, 0, 1)


def draw(domain: Domain = "face", seed: int = 0, turn: int = 0) -> Draw:
    return Draw(domain, SIDE, turn, np.random.default_rng(seed))


def given(augmentation: Augmentation, domain: Domain) -> Levels:
    picture = face(40 if augmentation.whole else 32)
    return picture if domain == "face" else picture[:1]


@pytest.mark.parametrize("domain", ["face", "sketch"])
@pytest.mark.parametrize("name", NAMES)
def test_a_square_of_the_same_channels_that_chance_alone_decides(name: str, domain: Domain) -> None:
    augmentation = parts.find("augmentations", name)()
    before = given(augmentation, domain)
    kept = before.copy()
    ready = augmentation.prepare(before, domain)
    made = [augmentation(ready, draw(domain, seed)) for seed in (0, 0, 1)]
    assert all(one.dtype == np.uint8 and one.shape == (len(before), SIDE, SIDE) for one in made)
    assert np.array_equal(made[0], made[1]) and np.array_equal(before, kept)


@pytest.mark.parametrize(
    ("name", "changed"), [("camera", "face"), ("paper", "sketch"), ("jitter", "both"), ("flip", "both")]
)
def test_it_changes_its_domain_and_no_other(name: str, changed: str) -> None:
    augmentation = parts.find("augmentations", name)()
    domains: list[Domain] = ["face", "sketch"]
    for domain in domains:
        ready = augmentation.prepare(given(augmentation, domain), domain)
        made = {augmentation(ready, draw(domain, seed)).tobytes() for seed in range(8)}
        assert (len(made) > 1) == (changed in (domain, "both"))


def test_what_moves_a_face_moves_its_sketch_alike() -> None:
    jitter, picture = Jitter(), face()
    for seed in range(4):
        gray = jitter(picture[:1], draw("sketch", seed))
        assert np.array_equal(gray[0], jitter(picture, draw("face", seed))[0])


def test_jitter_of_nothing_is_the_middle_of_the_image() -> None:
    still = Jitter(degrees=0, scale=(1.0, 1.0), window=16)
    picture = face()
    offsets = set()
    for seed in range(30):
        made = still(picture, draw(seed=seed))
        assert made.shape == (3, 16, 16)
        differences = {
            (y, x): np.abs(made.astype(int) - picture[:, y : y + 16, x : x + 16]).mean()
            for y in range(25)
            for x in range(17)
        }
        offsets.add(min(differences, key=differences.__getitem__))
    assert len(offsets) > 15  # it wanders over the whole image


def test_jitter_scales_and_turns() -> None:
    board = np.kron(np.indices((4, 4)).sum(0) % 2, np.ones((16, 16)))[None].astype(np.uint8) * 255
    twice = Jitter(degrees=0, scale=(2.0, 2.0), window=32)(board, draw(seed=3))
    edges = np.abs(np.diff(twice.astype(int), axis=2)).max(axis=(0, 1)) > 100
    assert edges.sum() <= 3  # squares of 32 pixels
    turned = Jitter(degrees=45, scale=(1.0, 1.0), window=32)(board, draw(seed=3))
    assert len(np.unique(turned)) > 2


@pytest.mark.parametrize("options", [{"scale": (1.0,)}, {"scale": (0.0, 1.0)}, {"degrees": 90}])
def test_impossible_jitter_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"scale|degrees"):
        Jitter(**options)  # type: ignore[arg-type]


def test_a_plain_backdrop_is_found_and_the_head_is_not() -> None:
    photo = np.empty((3, 64, 48), np.uint8)
    photo[:] = np.array([70, 150, 210])[:, None, None]
    photo += np.linspace(0, 25, 64).astype(np.uint8)[None, :, None]  # shaded
    photo[:, 20:, 14:34] = np.array([200, 160, 130])[:, None, None]
    photo[:, 12:30, 12:36] = 30  # hair
    share = backdrop(photo, 42.0)
    assert share[:8].min() > 0.95 and share[30:, :8].min() > 0.95
    assert share[24:28, 18:30].max() < 0.05 and share[45:, 18:30].max() < 0.05


def test_black_corners_belong_to_the_backdrop() -> None:
    photo = np.full((3, 64, 48), 180, np.uint8)
    photo[:, 20:, 14:34] = 60
    for row in range(10):
        photo[:, row, : 10 - row] = 0
    assert backdrop(photo, 42.0)[:18, :12].min() > 0.9


def test_a_backdrop_is_exchanged_and_the_face_in_it_stays_in_place() -> None:
    camera = parts.find("augmentations", "camera")(elsewhere=1.0)
    photo = np.full((3, 64, 48), 180, np.uint8)
    photo[:, 20:, 14:34] = 60
    ready = camera.prepare(photo, "face")
    assert ready.shape == (4, 64, 48)
    made = [camera(ready, draw(seed=seed)).astype(float) for seed in range(12)]
    corner = np.std([one[:, 2, 2] for one in made], axis=0).mean()
    inside = np.std([one[:, 50, 24] for one in made], axis=0).mean()
    assert corner > 1.5 * inside


def test_scenes_are_pictures() -> None:
    for seed in range(10):
        made = scene(20, 30, np.random.default_rng(seed))
        assert made.shape == (3, 20, 30) and np.isfinite(made).all() and -1 < made.mean() < 2
