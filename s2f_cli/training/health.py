"""What watches over a training: cheap signs of the ways in which it commonly goes wrong, and what to do then.

A sign must be seen several times in a row before it is told, and is told once until it has gone.
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
    "collapse": "its images are nearly the same for all inputs: lower the learning rate, raise weights.cycle "
    "or the pixel term, or train on more varied data",
    "inversion": "light and dark are turned round (CycleGAN's colour inversion): add an identity term "
    "(objective.identity.part=l1 and weights.identity=5), or start again with another --seed",
    "identity": "it gives back its input nearly unchanged: raise weights.adversarial, or lower "
    "weights.identity and weights.cycle",
    "checkerboard": "its images have a checkerboard pattern of two pixels: use nearest upsampling (a resnet "
    "with upsampling=nearest, or a unet) in place of transposed convolutions",
    "domination": "the critics tell real from made almost without fail, so the generators learn little from "
    "them: lower players.critics.learning_rate, or add label noise (objective.adversarial.label_noise=0.1) "
    "or networks.*_critic.augment.part=diff_augment",
    "steepness": "the critics are far steeper than their penalty allows, so what they tell the generators "
    "is no distance: use --precision fp32, a lower players.critics.learning_rate or a higher "
    "weights.penalty, and leave out plain images, which instance norm divides by almost nothing",
}
"""By watch, what is wrong and what helps."""

COLLAPSED, UNCHANGED, INVERTED, CHECKERED, DOMINATED, STEEP = 0.05, 0.05, -0.3, 0.15, 0.1, 10.0
LISTENS, LOOKS = 20, 2
"""How often in a row losses, and images, must be bad."""
_UNDECIDED = {"lsgan": 0.5, "nonsaturating": 1.386, "hinge": 2.0}
"""What `real` and `fake` add up to, a domain, where a critic of such a loss cannot tell."""


class Advice(NamedTuple):
    """What a watch found: its name, of which domain's images (or none), and one line to read."""

    watch: str
    subject: str
    line: str


class TrainingMonitor:
    """Keeps the history that a sign needs; fed with losses and, now and then, with images."""

    def __init__(self, stages: Mapping[str, Stage]) -> None:
        self._stages = stages
        self._critics: deque[float] = deque(maxlen=LISTENS)
        self._slopes: deque[float] = deque(maxlen=LISTENS)
        self._stage = ""
        self._seen: dict[tuple[str, str], int] = {}

    def listen(self, stage: str, losses: Mapping[str, float]) -> list[Advice]:
        """Losses of one step by `player/term`; returns what is new.

        `domination`: over the last 20 readings the critics' loss is below a tenth of that of a critic that
        cannot tell. `steepness`, for Wasserstein's, which has no such level: the median of 20 gradient
        penalties is above 10, slopes of more than four in place of one.
        """
        if stage != self._stage:
            self._stage = stage
            self._critics.clear()
            self._slopes.clear()
        signs: dict[tuple[str, str], bool] = {}
        level = self._undecided(stage)
        parts = [value for name, value in losses.items() if name in ("critics/real", "critics/fake")]
        if level and parts:
            self._critics.append(sum(parts))
            signs["domination", ""] = _full(self._critics) and mean(self._critics) < DOMINATED * level
        if self._part(stage, "penalty") == "gradient_penalty" and "critics/penalty" in losses:
            self._slopes.append(losses["critics/penalty"])
            signs["steepness", ""] = _full(self._slopes) and median(self._slopes) > STEEP
        return self._told(signs, 1)

    def look(self, to: str, inputs: Tensor, made: Tensor, true: Tensor | None = None) -> list[Advice]:
        """Images (N, C, H, W) in [-1, 1] and what was made of them, of the domain `to`; gives what is new."""
        signs = signs_of(inputs.float(), made.float(), None if true is None else true.float())
        return self._told({(watch, to): bad for watch, bad in signs.items()}, LOOKS)

    def _undecided(self, stage: str) -> float:
        level = _UNDECIDED.get(self._part(stage, "adversarial"), 0.0)
        return level * len(self._stages[stage].data.domains)

    def _part(self, stage: str, option: str) -> str:
        """The loss that a stage's objective has for an option, or nothing."""
        return str((self._stages[stage].objective.model_extra or {}).get(option, {}).get("part", ""))

    def _told(self, signs: Mapping[tuple[str, str], bool], needed: int) -> list[Advice]:
        new = []
        for key, bad in signs.items():
            self._seen[key] = self._seen.get(key, 0) + 1 if bad else 0
            if self._seen[key] == needed:
                watch, subject = key
                about = f"to {subject}: " if subject else ""
                new.append(Advice(watch, subject, f"{watch}: {about}{ADVICE[watch]}"))
        return new


def _full(readings: deque[float]) -> bool:
    return len(readings) == readings.maxlen


def signs_of(inputs: Tensor, made: Tensor, true: Tensor | None = None) -> dict[str, bool]:
    """Which signs images show, by watch; float (N, C, H, W) in [-1, 1] each.

    `collapse`: images differ from each other a twentieth as much as their inputs do. `identity`: their
    luminance is less than 0.05 away from the input's on average, and less than a third of the true one's
    distance where that is known. `inversion`: their luminance correlates below -0.3 with the input's, and
    with that of the true images where known. `checkerboard`: more than 15 % of the variance within 16×16
    pixels, and twice as much as in the inputs, is that of the four places of 2×2 pixels.
    """
    light, given = made.mean(1, keepdim=True), inputs.mean(1, keepdim=True)
    if light.shape != given.shape:
        given = F.interpolate(given, light.shape[2:], mode="area")
    wanted = None if true is None else true.mean(1, keepdim=True)
    away, due = float((light - given).abs().mean()), 1.0
    if wanted is not None:
        due = float((wanted - given).abs().mean())
    inverted = correlation(light, given) < INVERTED
    if wanted is not None:
        inverted = inverted and correlation(light, wanted) < INVERTED
    several = len(made) > 1 and spread(given) > 0.02
    return {
        "collapse": several and spread(light) < COLLAPSED * spread(given),
        "identity": away < UNCHANGED and away < due / 3,
        "inversion": inverted,
        "checkerboard": checkerboard(made) > max(CHECKERED, 2 * checkerboard(inputs)),
    }


def spread(images: Tensor) -> float:
    """The mean standard deviation of a pixel over the images (N, C, H, W)."""
    return float(images.std(dim=0, correction=0).mean())


def correlation(one: Tensor, other: Tensor) -> float:
    """The mean over images (N, 1, H, W) of the correlation of their pixels; 0 for a plain image."""
    one, other = (images.flatten(1) - images.flatten(1).mean(1, keepdim=True) for images in (one, other))
    return float(F.cosine_similarity(one, other, dim=1).mean())


def checkerboard(images: Tensor, side: int = 16) -> float:
    """The share of the variance within squares of `side` pixels that lies between the places of 2×2 pixels.

    0.02 and less in photos and drawings, 1 in a checkerboard; transposed convolutions leave one where
    their kernel is not a multiple of the stride (Odena et al. 2016).
    """
    if min(images.shape[2:]) < side:
        return 0.0
    height, width = (length // side * side for length in images.shape[2:])
    squares = F.pixel_unshuffle(images[..., :height, :width].flatten(0, 1)[:, None], 2)
    half = side // 2
    cells = squares.unfold(2, half, half).unfold(3, half, half).flatten(4)
    places = cells.mean(dim=4).var(dim=1, correction=0)
    whole = cells.transpose(1, 2).transpose(2, 3).flatten(3).var(dim=3, correction=0)
    return float(places.sum() / whole.sum().clamp(min=1e-6 * whole.numel()))


def finite(tensors: Mapping[str, Tensor]) -> bool:
    """Whether all numbers of floating-point tensors are finite."""
    return all(bool(torch.isfinite(t.sum())) for t in tensors.values() if t.is_floating_point())
