"""The 2048 pooled features of the Inception network of pytorch-fid (M. Seitzer,
github.com/mseitzer/pytorch-fid).

It is the network of the original FID code, whose weights differ from torchvision's Inception: scores of the
two are not comparable.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from s2f_cli.core.downloads import digest
from s2f_cli.core.errors import MetricError
from s2f_cli.core.torchvision_import import torchvision
from s2f_cli.evaluation.metrics._contract import Features
from s2f_cli.evaluation.metrics._weights import find, load

assert torchvision
from pytorch_fid import inception as pytorch_fid_inception  # noqa: E402

_PUBLISHED = "6726825d"
_SIZE = 299


class Inception:
    """pytorch-fid's Inception as an `Extractor`: images of any size, features (N, 2048) float32."""

    def __init__(self, weights: Path | None = None) -> None:
        file = find(pytorch_fid_inception.FID_WEIGHTS_URL, weights)
        self.network = _folded(_network(file).eval())
        torch.nn.utils.convert_conv2d_weight_memory_format(self.network, torch.channels_last)
        own = digest(file)
        self.key = f"inception-{own}"
        self.variant = f"pytorch-fid's Inception, weights {own}"
        if own != _PUBLISHED:
            self.variant += f" (not the published {_PUBLISHED}: not comparable with published scores)"

    @torch.inference_mode()
    def __call__(self, images: torch.Tensor) -> Features:
        """The features of images (N, 3, height, width) in [0, 1]."""
        (pooled,) = self.network(images.contiguous(memory_format=torch.channels_last))
        features: Features = pooled.flatten(1).numpy().astype(np.float32)
        return features


class CleanInception(Inception):
    """The same network on images resized without aliasing: antialiased bicubic to 299 pixels, unrounded."""

    def __init__(self, weights: Path | None = None) -> None:
        super().__init__(weights)
        self.key += "-clean"
        self.variant += ", antialiased bicubic resizing"

    @torch.inference_mode()
    def __call__(self, images: torch.Tensor) -> Features:
        """The features of images (N, 3, height, width) in [0, 1]."""
        return super().__call__(F.interpolate(images, (_SIZE, _SIZE), mode="bicubic", antialias=True))


def _folded(network: torch.nn.Module) -> torch.nn.Module:
    """A network whose batch normalisations are part of the convolutions before them, by float64: a pass less
    over each map.
    """
    for block in network.modules():
        if isinstance(block, torchvision.models.inception.BasicConv2d):
            block.conv = fuse_conv_bn_eval(block.conv.double(), block.bn.double()).float()
            block.bn = torch.nn.Identity()
    return network


def _network(file: Path) -> torch.nn.Module:
    """The network filled from `file` in place of the download that pytorch-fid's constructor makes."""
    state = load(file)
    download = pytorch_fid_inception.load_state_dict_from_url
    pytorch_fid_inception.load_state_dict_from_url = lambda *_, **__: state
    try:
        return pytorch_fid_inception.InceptionV3()
    except RuntimeError as problem:
        raise MetricError(
            f"{file} does not hold the weights of pytorch-fid's Inception",
            f"download {pytorch_fid_inception.FID_WEIGHTS_URL} again",
        ) from problem
    finally:
        pytorch_fid_inception.load_state_dict_from_url = download
