"""Cheap checks for common training failures, with advice.

A sign is reported once, after several consecutive observations, and again only after it has cleared.
"""

from collections import deque
from collections.abc import Mapping
from statistics import mean, median
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.models.recipes.schema import Stage

ADVICE = {
    "collapse": "the images are nearly the same for all inputs: lower the learning rate, raise weights.cycle "
    "or the pixel term, or train on more varied data",
    "inversion": "light and dark are inverted (a known failure of CycleGAN): add an identity term "
    "(objective.identity.part=l1 and weights.identity=5), or start again with another --seed",
    "identity": "the images are nearly the same as the inputs: raise weights.adversarial, or lower "
    "weights.identity and weights.cycle",
    "checkerboard": "the images have a checkerboard pattern of two pixels: use nearest upsampling (a resnet "
    "with upsampling=nearest, or a unet) instead of transposed convolutions",
    "domination": "the critics tell real from generated images almost without fail, so the generators learn "
    "little from them: lower players.critics.learning_rate, or add label noise "
    "(objective.adversarial.label_noise=0.1) or networks.*_critic.augment.part=diff_augment",
    "steepness": "the critics are far steeper than their penalty allows, so they no longer measure a "
    "distance: use --precision fp32, a lower players.critics.learning_rate or a higher weights.penalty, and "
    "leave out plain images, which instance norm divides by almost nothing",
}
"""The problem and its remedies, by the name of the sign."""

COLLAPSED = 0.05
"""Spread of the outputs, as a fraction of the inputs' spread."""
UNCHANGED = 0.05
"""Mean absolute difference of luminance between input and output."""
INVERTED = -0.3
"""Correlation of luminance."""
CHECKERED = 0.15
"""Explained fraction of the variance, see `checkerboard`."""
DOMINATED = 0.1
"""Critics' loss, as a fraction of that of an undecided critic."""
STEEP = 10.0
"""Gradient penalty: a slope of more than four, where the target is one."""
LOSS_READINGS, IMAGE_READINGS = 20, 2
"""Consecutive observations before a sign in losses, or in images, is reported."""
_UNDECIDED = {"lsgan": 0.5, "nonsaturating": 1.386, "hinge": 2.0}
"""Sum of the losses `real` and `fake`, per domain, of a critic that cannot decide; by adversarial loss."""


class Advice(NamedTuple):
    """A sign of trouble."""

    sign: str
    """A key of `ADVICE`."""
    subject: str
    """The domain of the images with the sign; empty for a sign in the losses."""
    line: str
    """The advice, in one line."""


class TrainingMonitor:
    """Watches the losses and, at intervals, the images of one training."""

    def __init__(self, stages: Mapping[str, Stage]) -> None:
        self._stages = stages
        self._critic_losses: deque[float] = deque(maxlen=LOSS_READINGS)
        self._penalties: deque[float] = deque(maxlen=LOSS_READINGS)
        self._stage = ""
        self._observed: dict[tuple[str, str], int] = {}

    def check_losses(self, stage: str, losses: Mapping[str, float]) -> list[Advice]:
        """New advice after one more reading of the losses, by `player/term`.

        `domination`: the critics' mean loss over 20 readings is below a tenth of that of an undecided critic.
        `steepness`, for Wasserstein critics, which have no such level: the median gradient penalty of 20
        readings is above 10.
        """
        if stage != self._stage:
            self._stage = stage
            self._critic_losses.clear()
            self._penalties.clear()
        signs: dict[tuple[str, str], bool] = {}
        level = self._undecided(stage)
        parts = [losses[name] for name in ("critics/real", "critics/fake") if name in losses]
        if level and parts:
            self._critic_losses.append(sum(parts))
            dominated = _full(self._critic_losses) and mean(self._critic_losses) < DOMINATED * level
            signs["domination", ""] = dominated
        if self._loss(stage, "penalty") == "gradient_penalty" and "critics/penalty" in losses:
            self._penalties.append(losses["critics/penalty"])
            signs["steepness", ""] = _full(self._penalties) and median(self._penalties) > STEEP
        return self._advice(signs, 1)

    def check_images(
        self, to: str, inputs: Tensor, outputs: Tensor, truth: Tensor | None = None
    ) -> list[Advice]:
        """New advice after one more observation of images translated to the domain `to`; see `signs_of`."""
        signs = signs_of(inputs.float(), outputs.float(), None if truth is None else truth.float())
        return self._advice({(sign, to): shown for sign, shown in signs.items()}, IMAGE_READINGS)

    def _undecided(self, stage: str) -> float:
        """The loss of an undecided critic, 0 if the adversarial loss has no such level."""
        level = _UNDECIDED.get(self._loss(stage, "adversarial"), 0.0)
        return level * len(self._stages[stage].data.domains)

    def _loss(self, stage: str, option: str) -> str:
        """The name of the loss that a stage's objective uses for an option; empty if it has none."""
        return str((self._stages[stage].objective.model_extra or {}).get(option, {}).get("part", ""))

    def _advice(self, signs: Mapping[tuple[str, str], bool], needed: int) -> list[Advice]:
        """Advice on the signs that have now been observed exactly `needed` times in a row."""
        advice = []
        for (sign, subject), shown in signs.items():
            count = self._observed.get((sign, subject), 0) + 1 if shown else 0
            self._observed[sign, subject] = count
            if count == needed:
                where = f"to {subject}: " if subject else ""
                advice.append(Advice(sign, subject, f"{sign}: {where}{ADVICE[sign]}"))
        return advice


def _full(readings: deque[float]) -> bool:
    return len(readings) == readings.maxlen


def signs_of(inputs: Tensor, outputs: Tensor, truth: Tensor | None = None) -> dict[str, bool]:
    """Check translated images for each sign of trouble, by name.

    All images are float (N, C, H, W) in [-1, 1]; `truth` are the true images, where known.

    `collapse`: the outputs differ from each other less than a twentieth as much as the inputs do. `identity`:
    their luminance is on average less than 0.05 away from the inputs', and less than a third of the true
    images' distance. `inversion`: their luminance correlates below -0.3 with the inputs', and with the true
    images'. `checkerboard`: the position of a pixel within 2×2 pixels explains more than 15 % of the variance
    within 16×16 pixels, and more than twice the share that it explains in the inputs.
    """
    output, original = outputs.mean(1, keepdim=True), inputs.mean(1, keepdim=True)
    if output.shape != original.shape:
        original = F.interpolate(original, output.shape[2:], mode="area")
    target = None if truth is None else truth.mean(1, keepdim=True)
    change = float((output - original).abs().mean())
    expected_change = 1.0 if target is None else float((target - original).abs().mean())
    inverted = correlation(output, original) < INVERTED
    if target is not None:
        inverted = inverted and correlation(output, target) < INVERTED
    varied = len(outputs) > 1 and spread(original) > 0.02
    return {
        "collapse": varied and spread(output) < COLLAPSED * spread(original),
        "identity": change < UNCHANGED and change < expected_change / 3,
        "inversion": inverted,
        "checkerboard": checkerboard(outputs) > max(CHECKERED, 2 * checkerboard(inputs)),
    }


def spread(images: Tensor) -> float:
    """Mean standard deviation of a pixel over the images (N, C, H, W)."""
    return float(images.std(dim=0, correction=0).mean())


def correlation(first: Tensor, second: Tensor) -> float:
    """Mean over images (N, 1, H, W) of the correlation of their pixels, in [-1, 1]; 0 for a plain image."""
    first, second = (
        images.flatten(1) - images.flatten(1).mean(1, keepdim=True) for images in (first, second)
    )
    return float(F.cosine_similarity(first, second, dim=1).mean())


def checkerboard(images: Tensor, side: int = 16) -> float:
    """Fraction of the variance within squares of `side` pixels explained by the position within 2×2 pixels.

    Images are (N, C, H, W); those smaller than a square give 0. Photos and drawings have 0.02 or less, a
    checkerboard has 1. Transposed convolutions leave such a pattern where their kernel is not a multiple of
    the stride (Odena et al. 2016).
    """
    if min(images.shape[2:]) < side:
        return 0.0
    height, width = (length // side * side for length in images.shape[2:])
    positions = F.pixel_unshuffle(images[..., :height, :width].flatten(0, 1)[:, None], 2)
    half = side // 2
    squares = positions.unfold(2, half, half).unfold(3, half, half).flatten(4)
    between = squares.mean(dim=4).var(dim=1, correction=0)
    total = squares.transpose(1, 2).transpose(2, 3).flatten(3).var(dim=3, correction=0)
    return float(between.sum() / total.sum().clamp(min=1e-6 * total.numel()))


def finite(tensors: Mapping[str, Tensor]) -> bool:
    """Whether all numbers of the floating-point tensors are finite."""
    return all(bool(torch.isfinite(t.sum())) for t in tensors.values() if t.is_floating_point())
