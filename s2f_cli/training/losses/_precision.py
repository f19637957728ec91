"""Losses are worked out in float32 at least, whatever the networks were run in."""

import torch
from torch import Tensor


def exact(values: Tensor) -> Tensor:
    """The same values in float32, or float64 where they are."""
    return values.to(torch.promote_types(values.dtype, torch.float32))
