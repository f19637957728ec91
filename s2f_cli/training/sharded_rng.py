"""Keeps randomness identical when a batch is split: tensors are drawn for the full batch, then sliced.

Fragile by nature, so nothing else depends on how it works: it intercepts the random operations of torch below
autograd, through the private class `TorchDispatchMode`, and knows them from a fixed list. A test runs every
objective under it and fails on a random operation that the list lacks.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from s2f_cli.core import distributed

aten = torch.ops.aten
_WITH_SHAPE = {
    aten.rand.default: 0,
    aten.rand.generator: 0,
    aten.randn.default: 0,
    aten.randn.generator: 0,
    aten.randint.default: 1,
    aten.randint.generator: 1,
    aten.randint.low: 2,
    aten.randint.low_generator: 2,
}
"""Operations that draw a new tensor, and the position of the argument that is its shape."""
_LIKE_ARGUMENT = {
    aten.bernoulli.p,
    aten.rand_like.default,
    aten.randint_like.default,
    aten.randint_like.low_dtype,
    aten.randn_like.default,
}
"""Operations that draw a new tensor shaped as their first argument."""
_IN_PLACE = {aten.uniform_.default, aten.normal_.default, aten.bernoulli_.float, aten.exponential_.default}
"""Operations that fill their first argument."""
_SAME_FOR_ALL = {aten.randperm.default, aten.randperm.generator}
"""Operations whose result has no batch dimension."""
KNOWN = frozenset({*_WITH_SHAPE, *_LIKE_ARGUMENT, *_IN_PLACE, *_SAME_FOR_ALL, aten.native_dropout.default})
"""The random operations that are handled; any other draws the same numbers in every shard."""


class ShardedRNG(TorchDispatchMode):
    """Return one shard of every random draw for a full batch, while active.

    Draws for `rows` samples return slice `shard` of `shards` of the draw for `rows · shards` samples. A draw
    with two or more dimensions, the first a multiple of `rows`, is taken to be one or several concatenated
    batches. Any other draw is the same in all shards.
    """

    def __init__(self, rows: int, shard: int, shards: int) -> None:
        super().__init__()
        self._rows, self._shard, self._shards = rows, shard, shards

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run an operation of torch; random ones are drawn for the full batch and sliced."""
        options = dict(kwargs or {})
        if operation in _WITH_SHAPE:
            position = _WITH_SHAPE[operation]
            if not self._is_batch(args[position]):
                return operation(*args, **options)
            full_shape = [args[position][0] * self._shards, *args[position][1:]]
            return self._slice(operation(*args[:position], full_shape, *args[position + 1 :], **options))
        if operation in _LIKE_ARGUMENT and self._is_batch(args[0].shape):
            return self._slice(operation(self._full_batch(args[0]), *args[1:], **options))
        if operation in _IN_PLACE and self._is_batch(args[0].shape):
            return args[0].copy_(self._slice(operation(self._full_batch(args[0]), *args[1:], **options)))
        if operation is aten.native_dropout.default and args[2] and self._is_batch(args[0].shape):
            mask = self._slice(self._full_batch(args[0]).bernoulli_(1 - args[1])).bool()
            return args[0] * mask / (1 - args[1]), mask
        return operation(*args, **options)

    def _is_batch(self, shape: Sequence[int]) -> bool:
        return len(shape) > 1 and shape[0] > 0 and shape[0] % self._rows == 0

    def _full_batch(self, like: Tensor) -> Tensor:
        """An empty tensor with the shape of the full batch, in the memory format of a shard."""
        layout = torch.contiguous_format
        if like.ndim == 4 and like.is_contiguous(memory_format=torch.channels_last):
            layout = torch.channels_last
        shape = (like.shape[0] * self._shards, *like.shape[1:])
        return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=layout)

    def _slice(self, full: Tensor) -> Tensor:
        batches = full.unflatten(0, (-1, self._shards, self._rows))
        return batches[:, self._shard].flatten(0, 1)


def shard_of_batch(rows: int, micro_batch: int, accumulation_steps: int) -> AbstractContextManager[object]:
    """Shard the random draws of this process's micro-batch of `rows` samples.

    Micro-batch k of all processes together is the k-th part of the full batch, as in
    `distributed.rows_of`.
    """
    processes = distributed.world_size()
    shards = accumulation_steps * processes
    if shards == 1:
        return nullcontext()
    return ShardedRNG(rows, micro_batch * processes + distributed.rank(), shards)
