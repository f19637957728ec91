"""LPIPS and DISTS equal other implementations with the same random weights."""

import urllib.request
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import random_weights
from s2f_cli.core.errors import MetricError
from s2f_cli.core.torchvision_import import torchvision
from s2f_cli.evaluation.metrics.dists import dists
from s2f_cli.evaluation.metrics.lpips import BACKBONE_URL, lpips
from s2f_cli.models.pretrained import vgg16

piq = pytest.importorskip("piq")
authors = pytest.importorskip("lpips")


def test_lpips_equals_the_authors_package(make_images, hub):
    network = authors.LPIPS(net="alex", pnet_rand=True, verbose=False)
    state = torch.load(random_weights.file(hub, BACKBONE_URL))
    slices = {name: state[f"features.{name.split('.', 1)[1]}"] for name in network.net.state_dict()}
    network.net.load_state_dict(slices)
    generated, reference = make_images(2)
    expected = network(generated * 2 - 1, reference * 2 - 1).flatten()
    scores = lpips.score(generated, reference)
    assert expected.min() > 0
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_dists_equals_piq(make_images, hub, monkeypatch):
    state = torch.load(random_weights.file(hub, vgg16.URL))
    layers = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
    layers.load_state_dict({name.removeprefix("features."): tensor for name, tensor in state.items()})
    monkeypatch.setattr("piq.perceptual.vgg16", lambda *_, **__: SimpleNamespace(features=layers))
    measure = piq.DISTS(reduction="none")
    generated, reference = make_images(2, 3, 64, 48)
    np.testing.assert_allclose(dists.score(generated, reference), measure(generated, reference), rtol=1e-5)


@pytest.mark.parametrize("metric", [lpips, dists])
def test_missing_weights_name_their_place(metric, make_images, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", _unreachable)
    with pytest.raises(MetricError, match="cannot download") as caught:
        metric.score(*make_images(1))
    assert str(tmp_path / "checkpoints") in caught.value.hint


@pytest.mark.parametrize("metric", [lpips, dists])
def test_weights_of_another_network_are_refused(metric, make_images, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    for name in ("alexnet-owt-7be5be79.pth", "vgg16-397923af.pth", "dists_weights.pt"):
        torch.save({"a": torch.zeros(1)}, tmp_path / "checkpoints" / name)
    with pytest.raises(MetricError, match="does not hold"):
        metric.score(*make_images(1))


def _unreachable(url, **_):
    raise OSError("off")
