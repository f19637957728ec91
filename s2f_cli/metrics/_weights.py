"""Where the weights of a metric's network lie: a given file, or torch hub's cache, filled if need be."""

import hashlib
import queue
import threading
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import torch

from s2f_cli.errors import MetricError, S2FError
from s2f_cli.files import whole_file

PATIENCE = 5.0
"""Seconds to wait for an answer before the network counts as unreachable."""
_CHUNK = 1 << 20
_DIGITS = 8


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
            _download(url, cached)
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


def digest(path: Path) -> str:
    """The first 8 hexadecimal digits of a file's SHA-256, as torch hub writes them into file names."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS]


def _download(url: str, target: Path) -> None:
    with _answer(url) as response, whole_file(target) as temporary:
        with temporary.open("wb") as file:
            while chunk := _read(response):
                file.write(chunk)
        if response.length:
            raise S2FError("the connection broke off")
        expected = target.stem.rsplit("-", 1)[-1]
        if len(expected) == _DIGITS and digest(temporary) != expected:
            raise S2FError("what came has another hash")


def _read(response: HTTPResponse) -> bytes:
    try:
        return response.read(_CHUNK)
    except (OSError, HTTPException) as problem:
        raise S2FError(f"the connection broke off: {problem}") from None


def _answer(url: str) -> HTTPResponse:
    """The response to a request, given up after PATIENCE even while a name server keeps silent."""
    answers: queue.SimpleQueue[HTTPResponse | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urllib.request.urlopen(url, timeout=PATIENCE))
        except Exception as problem:
            answers.put(problem)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=PATIENCE)
    except queue.Empty:
        raise S2FError(f"no answer within {PATIENCE:g} s") from None
    if isinstance(answer, Exception):
        raise S2FError(str(getattr(answer, "reason", answer)) or type(answer).__name__) from answer
    return answer
