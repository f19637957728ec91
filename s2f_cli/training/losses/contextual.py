"""Contextual loss, for images that are not registered (Mechrez et al. 2018)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.training.losses._backbones import Backbone

__all__ = ["Contextual"]

_LARGEST = 4096
"""The most positions of a feature map; each is compared with each."""


class Contextual(nn.Module):
    """Sum over feature maps of -log CX (Mechrez et al. 2018, equations 2 to 5).

    CX is the mean, over the positions of the target, of the largest share that it has in the similarities of
    a position of the prediction: 1 if all target positions are met by one of their own, wherever it is.
    `bandwidth` is the paper's h. `position` is the weight of the distance in the image, whose sides have
    length 1, beside that of the features (CoBi: Zhang et al. 2019, equation 6).

    `backbone`, `layers` and `weights` are as for `perceptual`. Raises ValueError for unknown names and for a
    `bandwidth` or `position` that is too small, RecipeError if the weights are not available.
    """

    def __init__(
        self,
        weights: str | None = None,
        backbone: str = "dlib_face",
        layers: Sequence[str] = ("stage2", "stage3"),
        bandwidth: float = 0.5,
        position: float = 0.0,
    ) -> None:
        super().__init__()
        if bandwidth <= 0 or position < 0:
            raise ValueError(f"bandwidth is above 0, position 0 or more, not {bandwidth} and {position}")
        self.backbone = Backbone(backbone, layers, weights)
        self.bandwidth, self.position = bandwidth, position

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of images (N, 1 or 3, H, W) in [-1, 1], a scalar; the target has no gradient.

        Raises ValueError for a feature map of more than 4096 positions.
        """
        with torch.no_grad():
            expected = self.backbone(target)
        predicted = self.backbone(prediction)
        for layer, map_ in zip(self.backbone.layers, expected, strict=True):
            if map_[0, 0].numel() > _LARGEST:
                raise ValueError(
                    f"{layer} has {map_[0, 0].numel()} positions; take layers of up to {_LARGEST}"
                )
        with torch.autocast("cpu" if target.is_meta else target.device.type, enabled=False):
            return torch.stack([self._loss(*maps) for maps in zip(predicted, expected, strict=True)]).sum()

    def _loss(self, predicted: Tensor, expected: Tensor) -> Tensor:
        centre = expected.mean(dim=(2, 3), keepdim=True)
        vectors, goals = (F.normalize((m - centre).flatten(2), dim=1) for m in (predicted, expected))
        distances = 1 - vectors.mT @ goals  # (N, positions of the prediction, positions of the target)
        if self.position:
            distances = distances + self.position * _distances_in_the_image(predicted)
        relative = distances / (distances.amin(dim=2, keepdim=True) + 1e-5)
        shares = torch.softmax((1 - relative) / self.bandwidth, dim=2)
        return -shares.amax(dim=1).mean(dim=1).log().mean()


def _distances_in_the_image(maps: Tensor) -> Tensor:
    """The distances (H·W, H·W) of the positions of a map (N, C, H, W)."""
    axes = [(torch.arange(size, device=maps.device) + 0.5) / size for size in maps.shape[2:]]
    places = torch.cartesian_prod(*axes)
    return torch.cdist(places, places)
