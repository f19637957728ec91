"""Convolutions of stride 1 by Winograd's algorithm (Lavin and Gray 2016), as matrix products.

An output tile of m×m pixels and a kernel of r×r need (m + r - 1)² multiplications for each pair of channels,
instead of m² r². The maps between pixels, kernels and these products are constant matrices (Toom and Cook),
exact except for rounding: results differ from the true ones by 2e-6 of their deviation, those of a direct
convolution by up to 1e-6.
"""

import threading
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

_TILES = {3: 4, 4: 3}
"""The side m of an output tile, by the side of the kernel."""
_POINTS = (0, 1, -1, 0.5, -2)
"""The points of the interpolation besides infinity."""
_WINDOW = len(_POINTS) + 1
"""The side of the window of the image that a tile depends on."""


class _Memory(threading.local):
    """Memory of a thread that is used again."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, torch.dtype], Tensor] = {}


_memory = _Memory()


def conv2d(
    image: Tensor, weight: Tensor, bias: Tensor | None, padding: tuple[int, ...], reflect: bool = False
) -> Tensor:
    """Equals `F.conv2d(image, weight, bias, padding=padding)`, for kernels of 3×3 or 4×4.

    image     (N, I, H, W)
    weight    (O, I, r, r)
    bias      (O)
    reflect   the borders are reflected, instead of zeros
    """
    kernel = weight.shape[2]
    height, width = (length + 2 * p - kernel + 1 for length, p in zip(image.shape[2:], padding, strict=True))

    # Two nodes of the graph, so that a gradient that nobody needs is not computed. A tuple hides the factor
    # whose gradient a node does not compute.
    result = _Convolution.apply(_padded(image, kernel, padding, reflect), (weight,), bias)
    if torch.is_grad_enabled() and weight.requires_grad:
        result = result.add_(_WeightGradient.apply((image,), weight, result.shape, padding, reflect))
    return result[..., :height, :width]


class _Convolution(torch.autograd.Function):
    """(N, H, W, I) and (O, I, r, r) → (N, O, H - r + 1, W - r + 1), without the gradient of the weights."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, weights: tuple[Tensor], bias: Tensor | None) -> Tensor:
        (weight,) = weights
        ctx.save_for_backward(weight)
        ctx.shape = image.shape
        kernel = weight.shape[2]
        products = _product("products", _image_factors(image, kernel), _kernel_factors(weight).mT)
        pixels = _product("pixels", _matrices(kernel, image.dtype)[0], products.flatten(1))
        height, width = (length - kernel + 1 for length in image.shape[1:3])
        result = image.new_empty(len(image), len(weight), height, width)
        tiles = _tiles(result, _TILES[kernel])
        tiles.copy_(pixels.view(tiles.shape))
        return result if bias is None else result.add_(bias[:, None, None])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, None, Tensor | None]:
        (gradient,) = gradients
        (weight,) = ctx.saved_tensors
        image_gradient = None
        if ctx.needs_input_grad[0]:
            factors = _product("image", _products(gradient, weight), _kernel_factors(weight))
            patches = _product("patches", _matrices(weight.shape[2], weight.dtype)[2].T, factors.flatten(1))
            image_gradient = _sum(patches, ctx.shape, _TILES[weight.shape[2]])
        return image_gradient, None, gradient.sum((0, 2, 3)) if ctx.needs_input_grad[2] else None


class _WeightGradient(torch.autograd.Function):
    """Zeros of the shape of a convolution's result, whose gradient is that of the weights.

    Keeps the image, and not the padded one, because other layers mostly keep it too.
    """

    @staticmethod
    def forward(
        ctx: Any,
        images: tuple[Tensor],
        weight: Tensor,
        shape: torch.Size,
        padding: tuple[int, ...],
        reflect: bool,
    ) -> Tensor:
        ctx.save_for_backward(*images, weight)
        ctx.borders = padding, reflect
        return weight.new_zeros(()).expand(shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, None, None, None]:
        (gradient,) = gradients
        image, weight = ctx.saved_tensors
        kernel = weight.shape[2]
        padded = _padded(image, kernel, *ctx.borders)
        factors = _product("kernel", _products(gradient, weight).mT, _image_factors(padded, kernel))
        weight_gradient = (_matrices(kernel, weight.dtype)[1].T @ factors.flatten(1)).T
        return None, weight_gradient.reshape(weight.shape), None, None, None


def _padded(image: Tensor, kernel: int, padding: tuple[int, ...], reflect: bool) -> Tensor:
    """(N, C, H, W) → (N, H', W', C): whole tiles, with channels last."""
    lengths = (length + 2 * p - kernel + 1 for length, p in zip(image.shape[2:], padding, strict=True))
    below, right = (-length % _TILES[kernel] for length in lengths)
    above, left = padding
    if reflect:
        image = F.pad(image, (left, left, above, above), "reflect")
        above = left = 0
    borders = (left, left + right, above, above + below)
    return (F.pad(image, borders) if any(borders) else image).permute(0, 2, 3, 1).contiguous()


def _image_factors(image: Tensor, kernel: int) -> Tensor:
    """(N, H, W, I) → (products, N rows columns, I)."""
    side = _TILES[kernel]
    windows = image.unfold(1, _WINDOW, side).unfold(2, _WINDOW, side).permute(4, 5, 0, 1, 2, 3)
    patches = _copy("patches", windows).view(_WINDOW**2, -1)
    return _product("image", _matrices(kernel, image.dtype)[2], patches).unflatten(1, (-1, image.shape[3]))


def _kernel_factors(weight: Tensor) -> Tensor:
    """(O, I, r, r) → (products, O, I)."""
    from_kernel = _matrices(weight.shape[2], weight.dtype)[1]
    factors = _product("kernel", from_kernel, weight.reshape(-1, from_kernel.shape[1]).T)
    return factors.unflatten(1, weight.shape[:2])


def _products(gradient: Tensor, weight: Tensor) -> Tensor:
    """The gradient of a result (N, O, H, W) → that of the products (products, N rows columns, O)."""
    side = _TILES[weight.shape[2]]
    pixels = _copy("pixels", _tiles(gradient, side)).view(side**2, -1)
    to_pixels = _matrices(weight.shape[2], gradient.dtype)[0]
    return _product("products", to_pixels.T, pixels).unflatten(1, (-1, len(weight)))


def _tiles(image: Tensor, side: int) -> Tensor:
    """View (N, C, H, W) as tiles, (side, side, N, rows, columns, C)."""
    tiles = image.unflatten(3, (-1, side)).unflatten(2, (-1, side))
    return tiles.permute(3, 5, 0, 2, 4, 1)


def _sum(patches: Tensor, shape: torch.Size, side: int) -> Tensor:
    """Add the windows of all tiles in their places in an image of a shape (N, H, W, C)."""
    rows, columns = ((length - _WINDOW) // side + 1 for length in shape[1:3])
    windows = patches.view(_WINDOW, _WINDOW, shape[0], rows, columns, shape[3])
    image = patches.new_zeros(shape)
    for y in range(_WINDOW):
        for x in range(_WINDOW):
            image[:, y : y + rows * side : side, x : x + columns * side : side] += windows[y, x]
    return image


def _product(place: str, first: Tensor, second: Tensor) -> Tensor:
    """The matrix product, in memory that is used again, unless the product needs a gradient."""
    if torch.is_grad_enabled():
        return first @ second
    shape = (*first.shape[:-1], second.shape[-1])
    return torch.matmul(first, second, out=_reserve(place, shape, first.dtype))


def _copy(place: str, values: Tensor) -> Tensor:
    """A contiguous copy, in memory that is used again, unless the copy needs a gradient."""
    if torch.is_grad_enabled():
        return values.clone(memory_format=torch.contiguous_format)
    return _reserve(place, values.shape, values.dtype).copy_(values)


def _reserve(place: str, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Return memory of this thread, which the next call with the same place returns again.

    The factors and products are larger than the maps that a training keeps. Freed and requested again, they
    would leave gaps between these, and the process would grow by a third.
    """
    size = torch.Size(shape).numel()
    held = _memory.held.get((place, dtype))
    if held is None or held.numel() < size:
        held = _memory.held[place, dtype] = torch.empty(size, dtype=dtype)
    return held[:size].view(shape)


@cache
def _matrices(kernel: int, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """The maps from products to pixels (m², products), from kernels and from windows to their factors."""

    def powers(count: int) -> Tensor:
        finite = torch.tensor(_POINTS, dtype=torch.float64)[:, None] ** torch.arange(count)
        return torch.cat([finite, torch.eye(count, dtype=torch.float64)[-1:]])

    from_window = torch.linalg.inv(powers(_WINDOW)).T
    scales = from_window.abs().amax(1, keepdim=True)
    maps = powers(_TILES[kernel]).T, powers(kernel) * scales, from_window / scales
    to_pixels, from_kernel, from_window = (torch.kron(matrix, matrix).to(dtype) for matrix in maps)
    return to_pixels, from_kernel, from_window
