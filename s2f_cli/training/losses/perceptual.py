"""Perceptual loss (Johnson et al. 2016, §3.2; VGG-16: Simonyan and Zisserman 2015)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.pretrained import vgg16

__all__ = ["Perceptual"]


class Perceptual(nn.Module):
    """Sum of the mean absolute differences of VGG-16's features after relu1_2, relu2_2, relu3_3 and relu4_3.

    `weights` is `imagenet`, `random` or a file, as for the network `vgg_encoder`. Raises RecipeError if the
    weights are not available.
    """

    _COMPARED = (3, 8, 15, 22)
    """Indices of the compared layers."""

    def __init__(self, weights: str = "imagenet") -> None:
        super().__init__()
        layers = list(vgg16.features(weights))[: self._COMPARED[-1] + 1]
        self.layers = nn.Sequential(*layers).eval().requires_grad_(False)
        for layer in layers:
            if isinstance(layer, nn.ReLU):
                layer.inplace = False

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Both (N, 1 or 3, H, W) in [-1, 1]."""
        predicted, expected = vgg16.prepare(prediction), vgg16.prepare(target)
        losses = []
        for index, layer in enumerate(self.layers):
            predicted, expected = layer(predicted), layer(expected)
            if index in self._COMPARED:
                losses.append(F.l1_loss(predicted, expected))
        return torch.stack(losses).sum()
