"""Where the weights of a metric's network lie: a given file, or torch hub's cache, filled if need be."""

from pathlib import Path
from typing import Any

import torch

from s2f_cli.core import downloads
from s2f_cli.core.errors import MetricError, S2FError


def find(url: str, given: Path | None = None) -> Path:
    """The file `given`, else the one in torch hub's cache that `url` names, downloaded first where it is not
    there.

    Raises MetricError saying where to put the file when it is neither there nor reachable; leaves nothing
    behind.
    """
    if given is not None:
        if not given.is_file():
            raise MetricError(f"there is no weights file {given}", f"download {url}")
        return given
    cached = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    if not cached.is_file():
        try:
            downloads.fetch(url, cached)
        except S2FError as problem:
            raise MetricError(
                f"the weights {cached.name} are not cached and cannot be downloaded ({problem.message})",
                f"download {url} elsewhere and put it at {cached}",
            ) from None
    return cached


def load(path: Path) -> dict[str, Any]:
    """The state dict in a weights file, without unpickling code; raises MetricError when it is none."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as problem:
        raise MetricError(
            f"{path} is not a file of weights ({type(problem).__name__})", "delete it and download it again"
        ) from None
    if not isinstance(state, dict):
        raise MetricError(f"{path} holds no state dict", "delete it and download it again")
    return state
