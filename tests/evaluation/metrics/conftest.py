"""Images for the tests of metrics, and random weights in place of the published ones."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

import random_weights


@pytest.fixture(autouse=True)
def _without_gradients():
    with torch.inference_mode():
        yield


@pytest.fixture
def make_images():
    """Make noisy and clean smooth images, each (count, channels, height, width) in [0, 1]."""

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
    random_weights.write(hub)
    return hub


@pytest.fixture
def hub(_hub, monkeypatch):
    """A torch hub folder with random weights in the layout of the published files."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(_hub))
    return _hub
