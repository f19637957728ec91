"""The 2048 pooled features of pytorch-fid's Inception network (M. Seitzer, github.com/mseitzer/pytorch-fid).

It is the network of the original FID code. Its weights, and some of its poolings, differ from torchvision's
Inception, so scores of the two are not comparable.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from s2f_cli.core.downloads import digest
from s2f_cli.core.errors import MetricError
from s2f_cli.core.torchvision_import import torchvision
from s2f_cli.evaluation.metrics._contract import Features
from s2f_cli.evaluation.metrics._weights import find, load

assert torchvision
from pytorch_fid.inception import (  # noqa: E402
    FID_WEIGHTS_URL,
    FIDInceptionA,
    FIDInceptionC,
    FIDInceptionE_1,
    FIDInceptionE_2,
)

WEIGHTS_URL: str = FID_WEIGHTS_URL
_PUBLISHED = "6726825d"
_SIZE = 299
_CLASSES = 1008


class Inception:
    """pytorch-fid's Inception as an `Extractor`: images of any size, features (N, 2048) float32.

    Raises MetricError if the weights are missing, or those of another network.
    """

    def __init__(self, weights: Path | None = None) -> None:
        file = find(WEIGHTS_URL, weights)
        network = inception_network()
        try:
            network.load_state_dict(load(file))
        except RuntimeError as problem:
            raise MetricError(
                f"{file} does not hold the weights of pytorch-fid's Inception",
                f"download {WEIGHTS_URL} again",
            ) from problem
        network.fc = nn.Identity()
        self.network = _fused(network.eval())
        torch.nn.utils.convert_conv2d_weight_memory_format(self.network, torch.channels_last)
        file_digest = digest(file)
        self.key = f"inception-{file_digest}"
        self.variant = f"pytorch-fid's Inception, weights {file_digest}"
        if file_digest != _PUBLISHED:
            self.variant += f" (not the published {_PUBLISHED}: not comparable with published scores)"

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Features:
        """Extract the features (N, 2048) of images (N, 3, H, W) in [0, 1]."""
        images = images.contiguous(memory_format=torch.channels_last)
        squares = F.interpolate(images, (_SIZE, _SIZE), mode="bilinear", align_corners=False)
        features: Features = self.network(2 * squares - 1).numpy().astype(np.float32)
        return features


class CleanInception(Inception):
    """The same network on images resized without aliasing: antialiased bicubic to 299 pixels, unrounded."""

    def __init__(self, weights: Path | None = None) -> None:
        super().__init__(weights)
        self.key += "-clean"
        self.variant += ", antialiased bicubic resizing"

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Features:
        """Extract the features (N, 2048) of images (N, 3, H, W) in [0, 1]."""
        return super().__call__(F.interpolate(images, (_SIZE, _SIZE), mode="bicubic", antialias=True))


def inception_network() -> nn.Module:
    """torchvision's Inception with the blocks that pytorch-fid replaces, as its `fid_inception_v3`.

    The weights are uninitialised: pytorch-fid's function always downloads them, while callers of this one
    load their own.
    """
    network = torchvision.models.inception_v3(
        weights=None, num_classes=_CLASSES, aux_logits=False, init_weights=False
    )
    network.Mixed_5b = FIDInceptionA(192, pool_features=32)
    network.Mixed_5c = FIDInceptionA(256, pool_features=64)
    network.Mixed_5d = FIDInceptionA(288, pool_features=64)
    network.Mixed_6b = FIDInceptionC(768, channels_7x7=128)
    network.Mixed_6c = FIDInceptionC(768, channels_7x7=160)
    network.Mixed_6d = FIDInceptionC(768, channels_7x7=160)
    network.Mixed_6e = FIDInceptionC(768, channels_7x7=192)
    network.Mixed_7b = FIDInceptionE_1(1280)
    network.Mixed_7c = FIDInceptionE_2(2048)
    return network


def _fused(network: nn.Module) -> nn.Module:
    """Fuse batch normalisations into the convolutions before them, in float64, which saves time."""
    for block in network.modules():
        if isinstance(block, torchvision.models.inception.BasicConv2d):
            block.conv = fuse_conv_bn_eval(block.conv.double(), block.bn.double()).float()
            block.bn = nn.Identity()
    return network
