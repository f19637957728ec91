"""Loading the weights of VGG-16, for networks, losses and metrics."""

import urllib.request
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn

from s2f_cli.core.errors import MetricError, RecipeError
from s2f_cli.core.torchvision_import import torchvision
from s2f_cli.models.pretrained import vgg16


@pytest.fixture(scope="module")
def vgg() -> nn.Module:
    torch.manual_seed(0)
    with torch.device("meta"):
        network = torchvision.models.vgg16(weights=None)
    network.classifier = nn.Identity()
    network.to_empty(device="cpu")
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.05)
    return network


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_equals_torchvision_with_equal_weights(vgg: nn.Module, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"vgg{suffix}"
    if suffix == ".pth":
        torch.save(vgg.state_dict(), file)
    else:
        safetensors.torch.save_file(vgg.state_dict(), file)
    image = torch.rand(1, 3, 64, 32) * 2 - 1
    prepare = torchvision.transforms.Normalize(vgg16.MEAN, vgg16.DEVIATION)
    with torch.no_grad():
        expected = vgg.features(prepare((image + 1) / 2))
        torch.testing.assert_close(vgg16.features(str(file))(vgg16.prepare(image)), expected)


def test_loads_no_weights_on_the_meta_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(request: urllib.request.Request, **_: object) -> None:
        raise OSError(f"no way to {request.full_url}")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    with torch.device("meta"):
        vgg16.features("imagenet")
    with pytest.raises(RecipeError, match=r"cannot download .* to .*vgg16-397923af\.pth") as raised:
        vgg16.features("imagenet")
    assert f"no way to {vgg16.URL}" in raised.value.message
    assert str(tmp_path / "checkpoints" / "vgg16-397923af.pth") in raised.value.hint
    assert "`weights`" in raised.value.hint


def test_loads_the_weights_of_the_cache(
    vgg: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    torch.save(vgg.state_dict(), tmp_path / "checkpoints" / "vgg16-397923af.pth")
    assert torch.equal(vgg16.features("imagenet")[0].weight, vgg.features[0].weight)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(RecipeError, match=r"there is no weights file nowhere\.pth"):
        vgg16.features("nowhere.pth")


@pytest.mark.parametrize(
    "content", [b"", b"not weights", {"features.0.weight": torch.zeros(1)}, {"other": 1}]
)
def test_an_unsuitable_file_is_named(tmp_path: Path, content: object) -> None:
    file = tmp_path / "vgg.pth"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        torch.save(content, file)
    with pytest.raises(RecipeError, match=r"vgg\.pth does not hold the weights") as raised:
        vgg16.features(file)
    assert "\n" not in raised.value.message


def test_never_unpickles_code(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "sprung",)

    torch.save({"features.0.weight": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(RecipeError, match="does not hold"):
        vgg16.features(tmp_path / "trap.pth")
    assert not (tmp_path / "sprung").exists()


def test_raises_the_error_class_of_the_caller() -> None:
    with pytest.raises(MetricError, match=r"there is no weights file nowhere\.pth"):
        vgg16.features("nowhere.pth", MetricError)
