"""A file fetched whole or not at all, its hash checked where its name says one."""

import hashlib
import queue
import threading
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from s2f_cli.core.errors import S2FError
from s2f_cli.core.files import atomic_file

PATIENCE = 5.0
"""Seconds to wait for an answer before the network counts as unreachable."""
_CHUNK = 1 << 20
_DIGITS = 8


def digest(path: Path) -> str:
    """The first 8 hexadecimal digits of a file's SHA-256, as torch hub writes them into file names."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS]


def fetch(url: str, target: Path, on_progress: Callable[[int, int], None] | None = None) -> None:
    """Download to `target`; the eight digits at the end of its stem, if any, must begin the SHA-256.

    `on_progress` is told the bytes that came and those in all, 0 where the server does not say. Raises
    S2FError, and leaves nothing behind.
    """
    with _answer(url) as response, atomic_file(target) as temporary:
        with temporary.open("wb") as file:
            whole = response.length or 0
            while chunk := _read(response):
                file.write(chunk)
                if on_progress:
                    on_progress(file.tell(), whole)
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
