"""Several processes that train one model together, started by `torchrun`: who is who, and what they exchange.

Without torchrun there is one process, and everything here leaves what it is given as it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from s2f_cli.core.errors import RunError

PATIENCE = timedelta(hours=2)
"""How long processes wait for the first one, which alone writes and evaluates."""


def launched_world_size() -> int:
    """The number of processes that torchrun started."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """The number of this process, from 0; the first writes."""
    return dist.get_rank() if _joined() else 0


def world_size() -> int:
    """The number of processes that train together."""
    return dist.get_world_size() if _joined() else 1


@contextmanager
def joined(device: torch.device) -> Iterator[torch.device]:
    """Join the processes that torchrun started, for a block; gives the device of this one.

    Over NCCL on GPUs, each process its own (`LOCAL_RANK`), else over gloo. Does nothing without torchrun, or
    when the block was entered before.
    """
    if launched_world_size() == 1 or _joined():
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    with connection_errors():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield device
    finally:
        dist.destroy_process_group()


@contextmanager
def connection_errors() -> Iterator[None]:
    """Raise RunError where the connection to another process breaks."""
    try:
        yield
    except (dist.DistError, RuntimeError) as problem:
        raise RunError(
            f"process {rank()} lost the others: {str(problem).splitlines()[0][:120]}",
            "see what the process that ended first said; then go on from the last save with --resume, with "
            "any number of processes",
        ) from None


def all_reduce_mean(*values: Tensor) -> None:
    """Put the mean over all processes into tensors of floating point, in one exchange.

    Raises RunError when another process has ended.
    """
    if not _joined():
        return
    with torch.no_grad(), connection_errors():
        flat = torch.cat([value.detach().flatten() for value in values]) / world_size()
        dist.all_reduce(flat)
        for value, part in zip(values, flat.split([value.numel() for value in values]), strict=True):
            value.copy_(part.view_as(value))


def any_process(flag: bool, device: torch.device) -> bool:
    """Whether a flag is set in any process."""
    share = torch.tensor(float(flag), device=device)
    all_reduce_mean(share)
    return bool(share > 0)


def all_gather(rows: Tensor) -> Tensor:
    """The rows (N, …) of all processes, in the processes' order; without gradients."""
    if not _joined():
        return rows
    parts = [torch.empty_like(rows, memory_format=torch.contiguous_format) for _ in range(world_size())]
    with connection_errors():
        dist.all_gather(parts, rows.detach().contiguous())
    return torch.cat(parts)


def own(rows: Tensor) -> Tensor:
    """This process's part of what `gather` gave."""
    return rows.chunk(world_size())[rank()]


def broadcast(values: list[Tensor]) -> None:
    """Give every process the first one's tensors."""
    if _joined():
        with connection_errors():
            for value in values:
                dist.broadcast(value, 0)


def rows_of(batch_size: int, pieces: int = 1) -> list[int]:
    """Which rows of a batch this process sees, when it goes through the network in so many pieces.

    Piece k of all processes together is the k-th part of the batch. Raises RunError when the batch cannot be
    cut evenly.
    """
    rows, left = divmod(batch_size, pieces * world_size())
    if left:
        raise RunError(
            f"a batch of {batch_size} cannot be split evenly over {world_size()} processes, "
            f"{pieces} pieces each",
            f"--set batch_size={pieces * world_size()}, or a multiple of it",
        )
    return [
        row
        for piece in range(pieces)
        for row in range((piece * world_size() + rank()) * rows, (piece * world_size() + rank() + 1) * rows)
    ]


def _joined() -> bool:
    return dist.is_available() and dist.is_initialized()
