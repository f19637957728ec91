"""Perceptual loss (Johnson et al. 2016, §3.2), on VGG-16 (Simonyan and Zisserman 2015) or another network."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.training.losses._backbones import Backbone
from s2f_cli.training.losses._shifts import match

__all__ = ["Perceptual"]


class Perceptual(nn.Module):
    """Sum of the mean absolute differences of a network's feature maps.

    | `backbone`           | `layers` by default                | `weights` by default                  |
    | -------------------- | ---------------------------------- | ------------------------------------- |
    | `vgg16`              | relu1_2, relu2_2, relu3_3, relu4_3 | `imagenet`: torchvision's, downloaded |
    | `efficientnet_lite0` | stage1, stage2, stage3, stage5     | `imagenet`: those of a package        |
    | `dlib_face`          | stem, stage1 to stage4             | installed with s2f (King 2017)        |

    `weights` may also be a file, or `random`. `layer_weights` are the weights of the layers, 1 by default.
    With `relative`, the difference of a map is divided by the mean absolute value of the target's, image by
    image, so that layers count alike, however large their values are: those of Keras' VGG-16 differ by a
    factor of 100 between relu1_2 and relu4_3.

    With a `shift`, images need not be registered to the pixel: each feature vector is compared with the most
    similar one of the other image at most `shift` positions of the map away. The mean over the vectors of
    both images counts.

    Raises ValueError for unknown names, a negative shift or weights that do not match the layers, RecipeError
    if the weights are not available.
    """

    def __init__(
        self,
        weights: str | None = None,
        backbone: str = "vgg16",
        layers: Sequence[str] = (),
        layer_weights: Sequence[float] = (),
        relative: bool = False,
        shift: int = 0,
    ) -> None:
        super().__init__()
        self.backbone = Backbone(backbone, layers, weights)
        names = self.backbone.layers
        if layer_weights and len(layer_weights) != len(names):
            raise ValueError(f"{len(layer_weights)} layer_weights for the layers {', '.join(names)}")
        if shift < 0:
            raise ValueError(f"shift is 0 or more, not {shift}")
        self.layer_weights = tuple(layer_weights) or (1.0,) * len(names)
        self.relative, self.shift = relative, shift

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of images (N, 1 or 3, H, W) in [-1, 1], a scalar; the target has no gradient."""
        with torch.no_grad():
            expected = self.backbone(target)
        maps = zip(self.backbone(prediction), expected, self.layer_weights, strict=True)
        return torch.stack([weight * self._distance(*pair) for *pair, weight in maps]).sum()

    def _distance(self, predicted: Tensor, expected: Tensor) -> Tensor:
        if self.relative:
            scale = expected.abs().mean(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)
            predicted, expected = predicted / scale, expected / scale
        if not self.shift:
            return F.l1_loss(predicted, expected)
        nearest_expected, nearest_predicted = match(predicted, expected, self.shift)
        return (F.l1_loss(predicted, nearest_expected) + F.l1_loss(nearest_predicted, expected)) / 2
