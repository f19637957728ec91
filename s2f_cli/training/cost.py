"""What a training has cost so far, kept in the state of its run: it adds up over resumes. Needs no torch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@dataclass
class Spent:
    """The cost of the steps that a run holds."""

    seconds: float = 0.0
    """Seconds of the processor that trained (see `budget.clock`), without samples, scores and saves."""
    images: int = 0
    """Rows of all batches: images of one domain, or pairs."""
    peak_bytes: int = 0
    """Peak memory of the GPU, or of the process; 0 where the system does not report it."""

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Spent | None:
        """The cost in the state of a run; None for runs of older versions, which recorded none."""
        saved = state.get("spent")
        return None if saved is None else cls(**saved)

    def record(self, device: torch.device) -> dict[str, float | int]:
        """The cost as a part of a state, with the peak memory of this process in it."""
        self.peak_bytes = max(self.peak_bytes, peak_bytes(device) or 0)
        return asdict(self)


def peak_bytes(device: torch.device) -> int | None:
    """Peak memory of the GPU, or of this process; None where the system does not report it."""
    if device.type == "cuda":
        import torch

        return torch.cuda.max_memory_allocated(device)
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
