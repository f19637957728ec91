from unittest.mock import patch

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from s2f_cli.core.torchvision_import import torchvision

assert torchvision
from pytorch_fid import inception  # noqa: E402

from s2f_cli.evaluation.metrics import dists, lpips  # noqa: E402
from s2f_cli.models.pretrained import vgg16  # noqa: E402


@pytest.fixture(autouse=True)
def _without_gradients():
    with torch.inference_mode():
        yield


@pytest.fixture
def pictures():
    """Makes smooth images (count, channels, height, width) in [0, 1] under noise, and without it."""

    def make(count=2, channels=3, height=64, width=80, seed=0, noise=0.05):
        generator = np.random.default_rng(seed)
        smooth = gaussian_filter(generator.random((count, channels, height, width)), (0, 0, 2, 2))
        low, high = smooth.min(), smooth.max()
        clean = (smooth - low) / (high - low)
        clean[..., : height // 4, :] = 1.0
        noisy = np.clip(clean + generator.normal(0, noise, clean.shape), 0, 1)
        return torch.tensor(noisy, dtype=torch.float32), torch.tensor(clean, dtype=torch.float32)

    return make


@pytest.fixture(scope="session")
def _hub(tmp_path_factory):
    hub = tmp_path_factory.mktemp("hub")
    (hub / "checkpoints").mkdir()
    torch.manual_seed(0)
    for url, state in _random_weights():
        for tensor in state.values():
            if tensor.ndim == 4 and len(tensor) > 1:
                torch.nn.init.kaiming_normal_(tensor)
        torch.save(state, hub / "checkpoints" / url.rsplit("/", 1)[-1])
    return hub


@pytest.fixture
def hub(_hub, monkeypatch):
    """A torch hub folder whose files have random weights in the layout of the published ones."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(_hub))
    return _hub


def _random_weights():
    state = {}
    with (
        patch.object(inception, "load_state_dict_from_url", lambda *_, **__: {}),
        patch.object(torch.nn.Module, "load_state_dict", lambda self, _: state.update(self.state_dict())),
    ):
        inception.fid_inception_v3()
    yield inception.FID_WEIGHTS_URL, state
    vgg = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
    yield vgg16.URL, {f"features.{name}": tensor for name, tensor in vgg.state_dict().items()}
    alpha, beta = torch.rand(2, 1, 1475, 1, 1)
    total = alpha.sum() + beta.sum()
    yield dists._WEIGHTS, {"alpha": alpha / total, "beta": beta / total}
    alexnet = torchvision.models.alexnet(weights=None).features.state_dict()
    yield lpips._BACKBONE, {f"features.{name}": tensor for name, tensor in alexnet.items()}
