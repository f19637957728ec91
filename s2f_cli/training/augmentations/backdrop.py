"""Photos as if taken before another backdrop."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from s2f_cli.models.domains import Domain
from s2f_cli.training.augmentations._contract import Augmentation, Draw, Levels
from s2f_cli.training.augmentations._image_operations import (
    Generators,
    replace_rows,
    select_rows,
    to_levels,
    to_unit_range,
)
from s2f_cli.training.augmentations._matting import person_matte, replace_backdrops
from s2f_cli.training.augmentations._random_scenes import plain_scenes, random_scenes

__all__ = ["Backdrop"]

_SCENES: dict[str, Callable[[int, int, Generators, torch.device], Tensor]] = {
    "plain": plain_scenes,
    "any": random_scenes,
}


class Backdrop(Augmentation):
    """Replaces the backdrop of colour photos, whatever it is, with probability `share`.

    `scenes` is `plain` for the walls of portraits, of one colour or two that are alike, or `any` for colour
    gradients, shapes and clouds. A network finds the person; see the model card of person_mask. Raises
    ValueError unless `share` is 0 to 1 and `scenes` one of these two.
    """

    def __init__(self, share: float = 0.5, scenes: str = "plain") -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"share must be 0 to 1, not {share}")
        if scenes not in _SCENES:
            raise ValueError(f"scenes must be one of {', '.join(_SCENES)}, not {scenes!r}")
        self.share, self.scenes = share, scenes

    def prepare(self, levels: Levels, domain: Domain) -> Levels:
        """Add a channel to a colour photo: the share of the person in each pixel, 0 to 255."""
        if domain != "face" or len(levels) < 3:
            return levels
        matte = np.round(person_matte(levels[:3]) * 255).astype(np.uint8)
        return np.concatenate([levels, matte[None]])

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """Replace backdrops, and remove the channel that `prepare` added."""
        if draw.domain != "face" or levels.shape[1] < 4:
            return levels
        photos, matte, others = levels.split((3, 1, levels.shape[1] - 4), dim=1)
        rows = [row for row, generator in enumerate(draw.generators) if generator.random() < self.share]
        if not rows:
            return torch.cat([photos, others], dim=1)
        generators = [draw.generators[row] for row in rows]
        height, width = levels.shape[2:]
        scenes = _SCENES[self.scenes](height, width, generators, levels.device)
        images, mattes = (to_unit_range(select_rows(channels, rows)) for channels in (photos, matte))
        replaced = photos.clone()
        replace_rows(replaced, rows, to_levels(replace_backdrops(images, mattes, scenes.clamp(0, 1))))
        return torch.cat([replaced, others], dim=1)
