"""Sketches as another pencil, paper and scanner might have left them."""

import numpy as np
from scipy import ndimage

from s2f_cli.augmentations._contract import Augmentation, Draw, Levels
from s2f_cli.augmentations._light import Picture, grained, shaded, softened

__all__ = ["Paper"]


class Paper(Augmentation):
    """Sketches of other tone and contrast, shaded, softer or sharper, grained; faces stay."""

    def __call__(self, levels: Levels, draw: Draw) -> Levels:
        """The sketch as it might have been; a face as it is."""
        if draw.domain != "sketch":
            return levels
        random = draw.random
        picture: Picture = levels.astype(np.float32) / 255
        if random.random() < 0.8:
            picture = picture ** np.exp(random.normal(0, 0.3))
            white = picture.max()
            picture = white + (picture - white) * random.uniform(0.7, 1.25) + random.normal(0, 0.05)
        if random.random() < 0.4:
            picture = shaded(picture, 0.3, random)
        if random.random() < 0.4:
            picture = softened(picture, 1.3, random)
        elif random.random() < 0.3:
            soft = ndimage.gaussian_filter(picture, (0, 1, 1))
            picture = picture + random.uniform(0.3, 1.0) * (picture - soft)
        if random.random() < 0.4:
            picture = grained(picture, 0.04, random)
        return (picture * 255).clip(0, 255).round().astype(np.uint8)
