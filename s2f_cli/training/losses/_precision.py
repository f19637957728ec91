"""The precision of losses: at least float32, whatever precision the networks run in."""

import torch
from torch import Tensor


def at_least_float32(values: Tensor) -> Tensor:
    """Convert half-precision values to float32; leave float32 and float64 unchanged."""
    return values.to(torch.promote_types(values.dtype, torch.float32))
