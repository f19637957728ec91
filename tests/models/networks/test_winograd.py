from unittest.mock import Mock

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.models.networks import _convolution, _winograd


def drawn(kernel: int, height: int, width: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """An image, a kernel and a bias."""
    torch.manual_seed(0)
    shapes = ((2, 3, height, width), (4, 3, kernel, kernel), (4,))
    return [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("padding", [(0, 0), (1, 2)])
@pytest.mark.parametrize(("kernel", "height", "width"), [(3, 8, 11), (3, 6, 7), (4, 9, 6), (4, 7, 10)])
def test_equals_torch_forward_and_backward(
    kernel: int, height: int, width: int, padding: tuple[int, int], bias: bool
) -> None:
    inputs = drawn(kernel, height, width)[: 3 if bias else 2]
    weights = inputs[1:] if bias else [inputs[1], None]
    output = _winograd.conv2d(inputs[0], *weights, padding)
    expected = F.conv2d(inputs[0], *weights, padding=padding)
    torch.testing.assert_close(output, expected)
    factors = torch.randn_like(expected)
    torch.testing.assert_close(
        torch.autograd.grad(output, inputs, factors), torch.autograd.grad(expected, inputs, factors)
    )


@pytest.mark.parametrize("kernel", [3, 4])
def test_reflected_borders(kernel: int) -> None:
    inputs = drawn(kernel, 8, 7)
    output = _winograd.conv2d(*inputs, (2, 1), reflect=True)
    expected = F.conv2d(F.pad(inputs[0], (1, 1, 2, 2), "reflect"), *inputs[1:])
    torch.testing.assert_close(output, expected)
    factors = torch.randn_like(expected)
    torch.testing.assert_close(
        torch.autograd.grad(output, inputs, factors), torch.autograd.grad(expected, inputs, factors)
    )


@pytest.mark.parametrize("reflect", [False, True])
def test_second_gradients(reflect: bool) -> None:
    image, weight, bias = drawn(3, 5, 6)
    assert torch.autograd.gradgradcheck(
        lambda *inputs: _winograd.conv2d(*inputs, (1, 1), reflect), (image[:1, :2], weight[:2, :2], bias[:2])
    )


def test_a_gradient_that_is_not_needed_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    image, weight, _ = drawn(3, 8, 8)
    output = _winograd.conv2d(image, weight, None, (0, 0)).sum()
    spies = {name: Mock(wraps=getattr(_winograd, name)) for name in ("_image_factors", "_kernel_factors")}
    for name, spy in spies.items():
        monkeypatch.setattr(_winograd, name, spy)
    torch.autograd.grad(output, image, retain_graph=True)
    assert [spy.call_count for spy in spies.values()] == [0, 1]
    torch.autograd.grad(output, weight)
    assert [spy.call_count for spy in spies.values()] == [1, 1]


@pytest.mark.parametrize("kernel", [3, 4])
def test_rounding_stays_small(kernel: int) -> None:
    torch.manual_seed(0)
    image, weight = torch.randn(1, 128, 20, 20), torch.randn(128, 128, kernel, kernel)
    expected = F.conv2d(image.double(), weight.double())
    difference = _winograd.conv2d(image, weight, None, (0, 0)) - expected
    assert difference.std() < 4e-6 * expected.std()


def test_the_factors_are_not_kept_for_the_gradient() -> None:
    image, weight, _ = drawn(3, 18, 18, torch.float32)
    kept: list[int] = []
    hooks = (lambda saved: kept.append(saved.numel()) or saved, lambda saved: saved)
    with torch.autograd.graph.saved_tensors_hooks(*hooks):
        _winograd.conv2d(image, weight, None, (0, 0))
    assert max(kept) <= image.numel()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Mock:
    spy = Mock(wraps=_winograd.conv2d)
    monkeypatch.setattr(_winograd, "conv2d", spy)
    return spy


def test_a_layer_uses_it_for_many_channels_and_large_maps(calls: Mock) -> None:
    layer, image = _convolution.Conv2d(128, 128, 3, padding=1), torch.randn(1, 128, 30, 30)
    expected = F.conv2d(image, layer.weight, layer.bias, padding=1)
    torch.testing.assert_close(layer(image), expected, rtol=1e-4, atol=1e-4)
    assert calls.call_count == 1
    layer.eval()(image)
    layer.train()(image[..., :29])
    with torch.autocast("cpu", torch.bfloat16):
        layer(image)
    _convolution.Conv2d(128, 128, 3, stride=2)(torch.randn(1, 128, 64, 64))
    _convolution.Conv2d(127, 128, 3, padding=1)(image[:, :127])
    assert calls.call_count == 1
