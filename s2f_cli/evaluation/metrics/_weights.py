"""Weights of a metric's network, from a file or torch hub's cache."""

from pathlib import Path
from typing import Any

import torch

from s2f_cli.core import downloads
from s2f_cli.core.errors import MetricError


def find(url: str, file: Path | None = None) -> Path:
    """Return `file`, else torch hub's cached file of `url`, downloaded if it is missing.

    Raises MetricError, whose hint says where to put the file, if it is missing and cannot be downloaded.
    """
    if file is not None:
        if not file.is_file():
            raise MetricError(f"there is no weights file {file}", f"download it from {url}")
        return file
    return downloads.cached(url, downloads.in_torch_hub(url), error=MetricError)


def load(path: Path) -> dict[str, Any]:
    """Load the state dict in a weights file, without unpickling code.

    Raises MetricError if the file holds anything else.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as problem:
        raise MetricError(
            f"{path} is not a weights file ({type(problem).__name__})", "delete it and download it again"
        ) from None
    if not isinstance(state, dict):
        raise MetricError(f"{path} holds no state dict", "delete it and download it again")
    return state
