"""Ranks and collectives of processes that train one model together, started by `torchrun`.

Without torchrun there is one process, and every collective returns its input.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from s2f_cli.core import settings
from s2f_cli.core.errors import RunError, first_line

TIMEOUT = timedelta(hours=2)
"""How long processes wait for process 0, which alone writes files and evaluates."""


def launched_world_size() -> int:
    """The number of processes that torchrun started."""
    return settings.whole_number("WORLD_SIZE", 1)


def rank() -> int:
    """The rank of this process; process 0 writes the files."""
    return dist.get_rank() if _joined() else 0


def world_size() -> int:
    """The number of processes that train together."""
    return dist.get_world_size() if _joined() else 1


@contextmanager
def joined(device: torch.device) -> Iterator[torch.device]:
    """Join the processes that torchrun started while the block runs; yields this process's device.

    Each process uses its own GPU (`LOCAL_RANK`) and communicates over NCCL, or over gloo on CPUs. Does
    nothing without torchrun, or inside another `joined` block.

    Raises RunError if the processes cannot connect.
    """
    if launched_world_size() == 1 or _joined():
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", settings.whole_number("LOCAL_RANK", 0))
        torch.cuda.set_device(device)
    with connection_errors():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=TIMEOUT)
    try:
        yield device
    finally:
        dist.destroy_process_group()


@contextmanager
def connection_errors() -> Iterator[None]:
    """Raise RunError if the connection to another process breaks in the block."""
    try:
        yield
    except (dist.DistError, RuntimeError, ValueError) as problem:
        raise RunError(
            f"process {rank()} lost its connection to the others: {first_line(problem)[:120]}",
            "read the error of the process that ended first, then continue from the last save with --resume; "
            "the number of processes may change",
        ) from None


def all_reduce_mean(*values: Tensor) -> None:
    """Replace floating-point tensors by their means over all processes, in one collective.

    Raises RunError if another process has ended.
    """
    if not _joined():
        return
    with torch.no_grad(), connection_errors():
        flat = torch.cat([value.detach().flatten() for value in values]) / world_size()
        dist.all_reduce(flat)
        for value, mean in zip(values, flat.split([value.numel() for value in values]), strict=True):
            value.copy_(mean.view_as(value))


def any_process(flag: bool, device: torch.device) -> bool:
    """Whether the flag is set in at least one process; raises RunError if another process has ended."""
    share = torch.tensor(float(flag), device=device)
    all_reduce_mean(share)
    return bool(share > 0)


def all_gather(rows: Tensor) -> Tensor:
    """The rows (N, …) of all processes, concatenated by rank, without gradients.

    Raises RunError if another process has ended.
    """
    if not _joined():
        return rows
    parts = [torch.empty_like(rows, memory_format=torch.contiguous_format) for _ in range(world_size())]
    with connection_errors():
        dist.all_gather(parts, rows.detach().contiguous())
    return torch.cat(parts)


def own_rows(rows: Tensor) -> Tensor:
    """The rows of this process in the result of `all_gather`."""
    return rows.chunk(world_size())[rank()]


def broadcast(values: list[Tensor]) -> None:
    """Copy the tensors of process 0 to all others, in place; raises RunError if another process has ended."""
    if _joined():
        with connection_errors():
            for value in values:
                dist.broadcast(value, 0)


def rows_of(batch_size: int, accumulation_steps: int = 1) -> list[int]:
    """The indices of the rows of a batch that this process sees over all accumulation steps.

    The k-th micro-batches of all processes together are the k-th contiguous part of the batch.

    Raises RunError if the batch cannot be divided evenly.
    """
    parts = accumulation_steps * world_size()
    count, rest = divmod(batch_size, parts)
    if rest:
        raise RunError(
            f"a batch of {batch_size} cannot be split evenly over {world_size()} processes with "
            f"{accumulation_steps} accumulation steps each",
            f"use --set batch_size={parts}, or a multiple of it",
        )
    starts = (count * (step * world_size() + rank()) for step in range(accumulation_steps))
    return [row for start in starts for row in range(start, start + count)]


def _joined() -> bool:
    return dist.is_available() and dist.is_initialized()
