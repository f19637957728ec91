"""Cuts the person out of a photo, and puts the person before another backdrop."""

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.models.pretrained.person_mask import person_mask
from s2f_cli.training.augmentations._contract import Levels
from s2f_cli.training.augmentations._image_operations import to_unit_range

_CERTAIN = 0.95
"""A pixel with at least this share of a person is taken for the person alone."""
_FOUND = 0.6
"""The least share of a person in the middle of a photo. Of 2 000 faces, two had less, and all others 0.8."""
_CONTRAST = 0.15
"""Distance of the colours of person and backdrop, in [0, √3], at which a pixel's colour counts half."""


def person_matte(levels: Levels) -> npt.NDArray[np.float32]:
    """Return the share of the person in each pixel of a photo (3, height, width): (height, width) in [0, 1].

    The network's mask is smooth. Where it is uncertain, the share is read from the pixel's colour, between
    those of the person and of the backdrop nearby, as far as these differ. If it does not find a person in
    the middle of the photo, it has missed the face: then all shares are 1, and no backdrop is replaced.
    """
    found = person_mask(levels.transpose(1, 2, 0))
    height, width = found.shape
    middle = found[height * 3 // 8 : height * 5 // 8 + 1, width * 3 // 8 : width * 5 // 8 + 1]
    if middle.mean() < _FOUND:
        return np.ones_like(found)
    mask = torch.from_numpy(found)[None, None]
    image = to_unit_range(torch.from_numpy(levels)[None])
    person, backdrop = _nearby_colours(image, mask)
    axis = person - backdrop
    contrast = axis.square().sum(dim=1, keepdim=True)
    share = ((image - backdrop) * axis).sum(dim=1, keepdim=True) / contrast.clamp_min(1e-6)
    trust = (4 * mask * (1 - mask)).sqrt() * contrast / (contrast + _CONTRAST**2)
    return np.asarray(torch.lerp(mask, share.clamp(0, 1), trust)[0, 0])


def replace_backdrops(images: Tensor, mattes: Tensor, scenes: Tensor) -> Tensor:
    """Put the people of photos (rows, 3, height, width) before scenes of the same size.

    `mattes` (rows, 1, height, width) are the shares of the person, in [0, 1]. The old backdrop's colour is
    removed from pixels that have a part of both, such as those of fine hair.
    """
    person, backdrop = _nearby_colours(images, mattes)
    pure = (images + (1 - mattes) * (person - backdrop)).clamp_(0, 1)
    return torch.lerp(scenes, pure, mattes)


def _nearby_colours(images: Tensor, mattes: Tensor) -> tuple[Tensor, Tensor]:
    """The colour of the person and that of the backdrop near each pixel, (rows, 3, height, width) each."""
    return _spread(images, mattes > _CERTAIN), _spread(images, mattes < 1 - _CERTAIN)


def _spread(images: Tensor, known: Tensor) -> Tensor:
    """Fill what is not known of images smoothly from what is (push-pull: Gortler et al. 1996, §3.4).

    `known` is (rows, 1, height, width). Rows of which nothing is known become black.
    """
    weights = known.float()
    return _pull(images * weights, weights)


def _pull(sums: Tensor, weights: Tensor) -> Tensor:
    """Fill what is missing to a weight of 1 from the next coarser level of the pyramid."""
    if max(sums.shape[2:]) == 1:
        return sums / weights.clamp_min(1e-6)
    coarse = _pull(*(F.avg_pool2d(values, 2, ceil_mode=True) for values in (sums, weights)))
    return sums + (1 - weights) * F.interpolate(coarse, sums.shape[2:], mode="bilinear")
