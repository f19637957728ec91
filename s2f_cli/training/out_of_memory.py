"""Out-of-memory errors of torch, as an error with a fix."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from s2f_cli.core.errors import RunError

_MESSAGES = re.compile("out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


@contextmanager
def out_of_memory_hint(device: torch.device, batch_size: int, step: int) -> Iterator[None]:
    """Raise RunError with settings that save memory if the block runs out of memory at this step."""
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and not _MESSAGES.search(str(error)):
            raise
        raise RunError(
            f"step {step}: {device} does not have enough memory for a batch of {batch_size}",
            f"use --set batch_size={max(batch_size // 2, 1)}, --accumulate 2, --precision bf16, a smaller "
            "--set image.size, or another --device",
        ) from None
