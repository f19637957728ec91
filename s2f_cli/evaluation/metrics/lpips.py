"""Learned perceptual image patch similarity (LPIPS), computed by the authors' package.

R. Zhang, P. Isola, A. Efros, E. Shechtman, O. Wang: The unreasonable effectiveness of deep features as a
perceptual metric, CVPR 2018.
"""

import warnings
from functools import lru_cache
from pathlib import Path

import torch

from s2f_cli.core import requirements
from s2f_cli.core.errors import MetricError
from s2f_cli.core.torchvision_import import torchvision
from s2f_cli.evaluation.metrics._contract import ImageTooSmall, PairMetric
from s2f_cli.evaluation.metrics._weights import find, load

__all__ = ["lpips"]

BACKBONE_URL = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"
_SMALLEST = 31


def _lpips(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    height, width = generated.shape[-2:]
    if min(height, width) < _SMALLEST:
        raise ImageTooSmall(
            f"images of {width}x{height} pixels are too small: LPIPS needs {_SMALLEST} on each side",
            "use --metric ssim",
        )
    network = _network(find(BACKBONE_URL))
    images = (image.expand(-1, 3, -1, -1) for image in (generated, reference))
    return network(*images, normalize=True).flatten().double()


@lru_cache(maxsize=1)
def _network(file: Path) -> torch.nn.Module:
    """The authors' network, with the heads in their package and torchvision's weights of the backbone."""
    assert torchvision
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="torchvision")
        network = requirements.require("lpips", "metrics").LPIPS(net="alex", pnet_rand=True, verbose=False)
    weights = load(file)
    try:
        state = {name: weights[f"features.{name.split('.', 1)[1]}"] for name in network.net.state_dict()}
        network.net.load_state_dict(state)
    except (KeyError, RuntimeError) as problem:
        raise MetricError(
            f"{file} does not hold torchvision's AlexNet", f"download {BACKBONE_URL} again"
        ) from problem
    return network.eval()


lpips = PairMetric(
    title="LPIPS",
    better="lower",
    unit="0 and up",
    variant="AlexNet, version 0.1 of the authors' package",
    source="Zhang et al., CVPR 2018",
    score=_lpips,
)
