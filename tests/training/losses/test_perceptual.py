import pytest
import torch
import torch.nn.functional as F

from s2f_cli.models.pretrained import vgg16
from s2f_cli.training.losses._shifts import match
from s2f_cli.training.losses.perceptual import Perceptual

TINY = {
    "vgg16": {"backbone": "vgg16", "layers": ["relu1_2", "relu2_2"]},
    "efficientnet_lite0": {"backbone": "efficientnet_lite0", "layers": ["stem", "stage2"]},
    "dlib_face": {"backbone": "dlib_face", "layers": ["stem", "stage2"]},
}
"""Options of each backbone for images of 32 pixels."""


def images() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    predicted, target = torch.rand(2, 2, 3, 32, 32) * 2 - 1
    return predicted.requires_grad_(), target


def test_is_the_distance_of_the_features_of_vgg16() -> None:
    predicted, target = images()
    loss = Perceptual(weights="random")
    features = {3: 0.0, 8: 0.0, 15: 0.0, 22: 0.0}
    first, second = vgg16.prepare(predicted), vgg16.prepare(target)
    for index, layer in enumerate(loss.backbone.network.layers):
        first, second = layer(first), layer(second)
        if index in features:
            features[index] = (first - second).abs().mean().item()
    assert loss(predicted, target).item() == pytest.approx(sum(features.values()), rel=1e-5)


@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("options", TINY.values(), ids=TINY)
def test_moves_the_prediction_only(options: dict, shift: int) -> None:
    predicted, target = images()
    loss = Perceptual("random", shift=shift, **options)
    assert loss(target, target).item() == 0
    target.requires_grad_()
    loss(predicted, target).backward()
    assert target.grad is None
    assert predicted.grad is not None and predicted.grad.isfinite().all() and predicted.grad.abs().sum() > 0
    assert not any(module.training for module in loss.train().backbone.modules())


@pytest.mark.parametrize("options", TINY.values(), ids=TINY)
def test_takes_gray_images_and_autocast(options: dict) -> None:
    gray = torch.rand(1, 1, 32, 32) * 2 - 1
    loss = Perceptual("random", **options)
    expected = loss(gray, -gray)
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(gray.bfloat16(), -gray)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, expected, rtol=0.05, atol=0)
    torch.testing.assert_close(loss(gray.expand(-1, 3, -1, -1), -gray), expected)


def test_weighs_the_layers() -> None:
    predicted, target = images()
    torch.manual_seed(0)
    first = Perceptual("random", "dlib_face", ["stem"])(predicted, target)
    torch.manual_seed(0)
    both = Perceptual("random", "dlib_face", ["stem", "stage1"], [3, 0])(predicted, target)
    torch.testing.assert_close(both, 3 * first)


def test_relative_differences_do_not_depend_on_the_magnitude_of_maps() -> None:
    predicted, target = images()
    loss = Perceptual("random", "dlib_face", ["stem"], relative=True)
    with torch.no_grad():
        (first,), (second,) = loss.backbone(predicted), loss.backbone(target)
        value = loss(predicted, target)
        for parameter in loss.parameters():
            parameter.mul_(100)
        torch.testing.assert_close(loss(predicted, target), value)
    expected = (first - second).abs().mean((1, 2, 3)) / second.abs().mean((1, 2, 3))
    torch.testing.assert_close(value, expected.mean())


def test_a_shift_forgives_small_displacements_only() -> None:
    torch.manual_seed(0)
    image = F.interpolate(torch.rand(1, 3, 8, 8), size=48, mode="bicubic") * 2 - 1
    moved = image.roll(4, 3)
    loss = Perceptual("random", "dlib_face", ["stem", "stage1"])
    tolerant = Perceptual("random", "dlib_face", ["stem", "stage1"], shift=2)
    tolerant.load_state_dict(loss.state_dict())
    assert tolerant(moved, image) < 0.35 * loss(moved, image)
    assert tolerant(-image, image) > 0.5 * loss(-image, image)


@pytest.mark.parametrize("shift", [1, 2])
def test_matching_equals_a_search(shift: int) -> None:
    torch.manual_seed(0)
    first, second = torch.randn(2, 2, 3, 5, 4)
    results = match(first, second, shift)
    for result, here, there in zip(results, (first, second), (second, first), strict=True):
        for n, y, x in ((0, 0, 0), (1, 4, 3), (0, 2, 1), (1, 0, 2)):
            around = there[
                n, :, max(y - shift, 0) : y + shift + 1, max(x - shift, 0) : x + shift + 1
            ].flatten(1)
            nearest = (around - here[n, :, y, x, None]).abs().sum(0).argmin()
            assert torch.equal(result[n, :, y, x], around[:, nearest])


def test_refuses_unknown_names_and_numbers() -> None:
    with pytest.raises(ValueError, match=r"no backbone 'vgg61'; did you mean 'vgg16'"):
        Perceptual("random", "vgg61")
    with pytest.raises(ValueError, match=r"dlib_face has no layer 'stage9'"):
        Perceptual("random", "dlib_face", ["stage9"])
    with pytest.raises(ValueError, match=r"1 layer_weights for the layers stem, stage1"):
        Perceptual("random", "dlib_face", ["stem", "stage1"], [1.0])
    with pytest.raises(ValueError, match="shift is 0 or more"):
        Perceptual("random", "dlib_face", shift=-1)
