"""Each sign of trouble appears in a bad case and not in a good one."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.models import recipes
from s2f_cli.training.health import (
    ADVICE,
    IMAGE_READINGS,
    LOSS_READINGS,
    TrainingMonitor,
    checkerboard,
    signs_of,
)

PEOPLE = 4


def smooth_images(seed: int, channels: int = 3, side: int = 64) -> Tensor:
    """Smooth images that differ from each other."""
    noise = torch.rand(PEOPLE, channels, 9, 9, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return F.interpolate(noise, (side, side), mode="bicubic", align_corners=False).clamp(-1, 1)


def as_sketches(faces: Tensor) -> Tensor:
    """Like a sketch: gray, lighter, with less contrast."""
    return (faces.mean(1, keepdim=True) * 0.6 + 0.4).clamp(-1, 1)


def checkered(images: Tensor) -> Tensor:
    pattern = torch.ones(1, 1, *images.shape[2:])
    pattern[..., ::2, 1::2] = pattern[..., 1::2, ::2] = -1
    return (images * 0.7 + 0.3 * pattern).clamp(-1, 1)


def transposed(images: Tensor) -> Tensor:
    """Upsampled by a transposed convolution with a kernel of 3, which overlaps unevenly."""
    small = F.avg_pool2d(images, 2)
    kernel = torch.ones(3, 3)[None, None].expand(images.shape[1], 1, 3, 3) / 2.25
    enlarged = F.conv_transpose2d(
        small, kernel, stride=2, padding=1, output_padding=1, groups=images.shape[1]
    )
    return enlarged.clamp(-1, 1)


FACES = smooth_images(0)
SKETCHES = as_sketches(FACES)
BAD = {
    "collapse": SKETCHES[:1].expand(PEOPLE, -1, -1, -1) + 0.01 * smooth_images(1, 1),
    "identity": FACES.mean(1, keepdim=True) + 0.01,
    "inversion": -SKETCHES,
    "checkerboard": checkered(SKETCHES),
}
GOOD = SKETCHES * 0.9 + 0.1 * smooth_images(2, 1)


@pytest.mark.parametrize("sign", BAD)
@pytest.mark.parametrize("truth", [SKETCHES, None], ids=["paired", "unpaired"])
def test_a_bad_case_shows_exactly_its_sign(sign: str, truth: Tensor | None) -> None:
    signs = signs_of(FACES, BAD[sign], truth)
    assert [name for name, shown in signs.items() if shown] == [sign]


@pytest.mark.parametrize("truth", [SKETCHES, None], ids=["paired", "unpaired"])
def test_a_good_model_shows_no_sign(truth: Tensor | None) -> None:
    assert not any(signs_of(FACES, GOOD, truth).values())


def test_uneven_overlap_is_a_checkerboard_and_noise_is_not() -> None:
    assert checkerboard(transposed(FACES + 1)) > 0.3
    noise = torch.rand(PEOPLE, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    assert checkerboard(FACES) < 0.02 and checkerboard(noise) < 0.05


def test_a_sign_in_images_is_reported_after_two_observations_and_again_after_it_cleared() -> None:
    monitor = TrainingMonitor({})
    reports = [
        monitor.check_images("sketch", FACES, BAD["inversion"], SKETCHES) for _ in range(IMAGE_READINGS + 2)
    ]
    assert [len(report) for report in reports] == [0] * (IMAGE_READINGS - 1) + [1, 0, 0]
    (advice,) = reports[IMAGE_READINGS - 1]
    assert advice.line == f"inversion: to sketch: {ADVICE['inversion']}" and "\n" not in advice.line
    assert not monitor.check_images("sketch", FACES, GOOD, SKETCHES)
    again = [
        len(monitor.check_images("sketch", FACES, BAD["inversion"], SKETCHES)) for _ in range(IMAGE_READINGS)
    ]
    assert again == [0] * (IMAGE_READINGS - 1) + [1]


def dominated(part: str, real: float, fake: float) -> list[str]:
    recipe = recipes.read("cyclegan-unet", [f"objective.adversarial.part={part}"])
    monitor = TrainingMonitor({stage.name: stage for stage in recipe.stages})
    losses = {"critics/real": real, "critics/fake": fake, "generators/adversarial": 2.0}
    return [advice.sign for _ in range(LOSS_READINGS + 5) for advice in monitor.check_losses("train", losses)]


@pytest.mark.parametrize("part", ["lsgan", "nonsaturating", "hinge"])
def test_critics_that_never_err_dominate(part: str) -> None:
    assert dominated(part, 0.01, 0.01) == ["domination"]


@pytest.mark.parametrize(
    ("part", "real", "fake"), [("lsgan", 0.4, 0.3), ("nonsaturating", 1.2, 1.0), ("wasserstein", 0, 0)]
)
def test_critics_that_err_do_not_dominate(part: str, real: float, fake: float) -> None:
    assert dominated(part, real, fake) == []


def penalised(penalty: float, *overrides: str) -> list[str]:
    recipe = recipes.read("wgan", overrides)
    monitor = TrainingMonitor({stage.name: stage for stage in recipe.stages})
    losses = {"critics/real": -1.0, "critics/fake": 0.5, "critics/penalty": penalty}
    return [advice.sign for _ in range(LOSS_READINGS + 5) for advice in monitor.check_losses("train", losses)]


def test_a_wasserstein_critic_with_a_large_penalty_is_steep() -> None:
    assert penalised(7000.0) == ["steepness"]
    assert penalised(0.3) == []


def test_other_penalties_are_not_checked_for_steepness() -> None:
    assert penalised(7000.0, "objective.penalty.part=r1") == []
