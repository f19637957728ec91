"""Random weights in the layout of the published files, for tests and benchmarks without a network."""

from collections.abc import Iterator
from pathlib import Path

import torch

from s2f_cli.core.torchvision_import import torchvision
from s2f_cli.evaluation.metrics import _inception, dists, lpips
from s2f_cli.models.pretrained import vgg16

State = dict[str, torch.Tensor]


def write(hub: Path) -> dict[str, State]:
    """Write the files into a torch hub folder; returns URL → state dict."""
    (hub / "checkpoints").mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    states = {}
    for url, state in _states():
        for tensor in state.values():
            if tensor.ndim == 4 and len(tensor) > 1:
                torch.nn.init.kaiming_normal_(tensor)
        torch.save(state, file(hub, url))
        states[url] = state
    return states


def file(hub: Path, url: str) -> Path:
    """Where torch hub keeps the file of a URL."""
    return hub / "checkpoints" / url.rsplit("/", 1)[-1]


def _states() -> Iterator[tuple[str, State]]:
    yield _inception.WEIGHTS_URL, _inception.inception_network().state_dict()
    vgg = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
    yield vgg16.URL, {f"features.{name}": tensor for name, tensor in vgg.state_dict().items()}
    alpha, beta = torch.rand(2, 1, 1475, 1, 1)
    total = alpha.sum() + beta.sum()
    yield dists.WEIGHTS_URL, {"alpha": alpha / total, "beta": beta / total}
    alexnet = torchvision.models.alexnet(weights=None).features.state_dict()
    yield lpips.BACKBONE_URL, {f"features.{name}": tensor for name, tensor in alexnet.items()}
