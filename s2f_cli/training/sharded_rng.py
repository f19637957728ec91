"""Random numbers of a batch that is trained in parts: drawn for the whole of it, so that the parts get what
they would have got as one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
_SHAPED = {
    aten.rand.default: 0,
    aten.rand.generator: 0,
    aten.randn.default: 0,
    aten.randn.generator: 0,
    aten.randint.default: 1,
    aten.randint.generator: 1,
    aten.randint.low: 2,
    aten.randint.low_generator: 2,
}
"""Operations that draw a tensor, and which argument is its shape."""
_LIKE = {aten.rand_like.default, aten.randn_like.default, aten.bernoulli.p}
_FILLING = {aten.uniform_.default, aten.normal_.default, aten.bernoulli_.float, aten.exponential_.default}


class ShardedRNG(TorchDispatchMode):
    """While it is entered, what is drawn for `rows` rows of a batch is part `part` of what would be drawn for
    all `parts` times as many.

    A draw of two dimensions and more is taken to have the batch as its first; where that is a multiple of
    `rows`, several batches stand one after the other. Any other draw is the same in all parts.
    """

    def __init__(self, rows: int, part: int, parts: int) -> None:
        super().__init__()
        self._rows, self._part, self._parts = rows, part, parts

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Any operation of torch; all but random ones are done as they are."""
        options = dict(kwargs or {})
        if operation in _SHAPED:
            place = _SHAPED[operation]
            if not self._splits(args[place]):
                return operation(*args, **options)
            whole = [args[place][0] * self._parts, *args[place][1:]]
            return self._cut(operation(*args[:place], whole, *args[place + 1 :], **options))
        if operation in _LIKE and self._splits(args[0].shape):
            return self._cut(operation(self._whole(args[0]), *args[1:], **options))
        if operation in _FILLING and self._splits(args[0].shape):
            return args[0].copy_(self._cut(operation(self._whole(args[0]), *args[1:], **options)))
        if operation is aten.native_dropout.default and args[2] and self._splits(args[0].shape):
            kept = self._cut(self._whole(args[0]).bernoulli_(1 - args[1])).bool()
            return args[0] * kept / (1 - args[1]), kept
        return operation(*args, **options)

    def _splits(self, shape: Sequence[int]) -> bool:
        return len(shape) > 1 and shape[0] > 0 and shape[0] % self._rows == 0

    def _whole(self, like: Tensor) -> Tensor:
        layout = torch.contiguous_format
        if like.ndim == 4 and like.is_contiguous(memory_format=torch.channels_last):
            layout = torch.channels_last
        shape = (like.shape[0] * self._parts, *like.shape[1:])
        return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=layout)

    def _cut(self, whole: Tensor) -> Tensor:
        batches = whole.unflatten(0, (-1, self._parts, self._rows))
        return batches[:, self._part].flatten(0, 1)


def random_state(device: torch.device) -> tuple[Tensor, ...]:
    """torch's random state, of the CPU and of a device."""
    if device.type == "cpu":
        return (torch.get_rng_state(),)
    return torch.get_rng_state(), torch.get_device_module(device).get_rng_state()


def set_random_state(device: torch.device, state: tuple[Tensor, ...]) -> None:
    """Go back to a `random_state`."""
    torch.set_rng_state(state[0])
    if device.type != "cpu":
        torch.get_device_module(device).set_rng_state(state[1])
