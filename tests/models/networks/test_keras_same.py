"""Keras' "same" padding, compared with its definition."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.signal import correlate2d
from torch import nn

from s2f_cli.models.networks._keras_same import SameConv, SameConvTranspose, glorot


def keras_same(image: NDArray, weight: NDArray, bias: NDArray, stride: int = 2) -> NDArray:
    """A convolution as TensorFlow documents `padding="same"`: (C, H, W) → (C', ⌈H/stride⌉, ⌈W/stride⌉)."""
    kernel = weight.shape[-1]
    edges = []
    for length in image.shape[1:]:
        whole = max((math.ceil(length / stride) - 1) * stride + kernel - length, 0)
        edges.append((whole // 2, whole - whole // 2))
    padded = np.pad(image, [(0, 0), *edges])
    return np.stack(
        [
            sum(correlate2d(padded[i], weight[o, i], mode="valid") for i in range(len(padded)))[
                ::stride, ::stride
            ]
            + bias[o]
            for o in range(len(weight))
        ]
    )


@pytest.mark.parametrize("shape", [(8, 8), (6, 14)])
def test_convolution_equals_keras(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    layer, image = SameConv(2, 3).double(), torch.randn(1, 2, *shape, dtype=torch.float64)
    weight, bias = (p.detach().numpy() for p in (layer.weight, layer.bias))
    np.testing.assert_allclose(
        layer(image)[0].detach(), keras_same(image[0].numpy(), weight, bias), atol=1e-12
    )


def test_differs_from_padding_of_two() -> None:
    torch.manual_seed(0)
    layer, image = SameConv(2, 3), torch.randn(1, 2, 8, 8)
    assert not torch.allclose(layer(image), F.conv2d(image, layer.weight, layer.bias, stride=2, padding=2))


@pytest.mark.parametrize("shape", [(1, 1), (4, 7), (8, 8)])
def test_transposed_convolution_equals_torch_without_the_last_row_and_column(
    shape: tuple[int, int],
) -> None:
    torch.manual_seed(0)
    layer, image = SameConvTranspose(3, 2), torch.randn(2, 3, *shape)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    expected = F.conv_transpose2d(image, layer.weight, layer.bias, stride=2, padding=1)[..., :-1, :-1]
    torch.testing.assert_close(layer(image), expected, rtol=1e-5, atol=1e-5)
    target = torch.randn_like(expected)
    ours, theirs = (
        torch.autograd.grad((output * target).sum(), layer.weight)[0] for output in (layer(image), expected)
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_transposed_convolution_is_the_adjoint_of_the_convolution() -> None:
    torch.manual_seed(0)
    down, up = SameConv(2, 3).double(), SameConvTranspose(3, 2).double()
    nn.init.zeros_(down.bias)
    up.load_state_dict({"weight": down.weight, "bias": torch.zeros(2)})
    large, small = (torch.randn(1, c, s, s, dtype=torch.float64) for c, s in ((2, 12), (3, 6)))
    torch.testing.assert_close((down(large) * small).sum(), (large * up(small)).sum())


def test_glorot_limits_and_deviation() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(SameConv(16, 32), SameConvTranspose(32, 64))
    glorot(network)
    for layer, fans in zip(network, (16 + 32, 32 + 64), strict=True):
        limit = math.sqrt(6 / (25 * fans))
        assert layer.weight.abs().max() <= limit
        assert layer.weight.std().item() == pytest.approx(limit / math.sqrt(3), rel=0.03)
        assert not layer.bias.any()
