from unittest.mock import patch

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from s2f_cli.torchvision_import import torchvision

assert torchvision
from pytorch_fid import inception  # noqa: E402


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
def inception_cache(tmp_path_factory):
    """A torch hub folder whose Inception file has random weights in the layout of the published one."""
    hub = tmp_path_factory.mktemp("hub")
    file = hub / "checkpoints" / inception.FID_WEIGHTS_URL.rsplit("/", 1)[-1]
    file.parent.mkdir()
    state = {}
    with (
        patch.object(inception, "load_state_dict_from_url", lambda *_, **__: {}),
        patch.object(torch.nn.Module, "load_state_dict", lambda self, _: state.update(self.state_dict())),
    ):
        inception.fid_inception_v3()
    torch.manual_seed(0)
    for tensor in state.values():
        if tensor.ndim == 4:
            torch.nn.init.kaiming_normal_(tensor)
    torch.save(state, file)
    return hub
