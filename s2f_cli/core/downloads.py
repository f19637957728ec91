"""Atomic, hash-checked, cached downloads."""

import hashlib
import queue
import threading
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from s2f_cli.core.errors import S2FError
from s2f_cli.core.files import atomic_file

TIMEOUT = 5.0
"""Seconds to wait for an answer before the network counts as unreachable."""
_CHUNK = 1 << 20
_DIGITS = 8


def cached(
    url: str, target: Path, *, checksum: str = "", alternative: str = "", error: type[S2FError] = S2FError
) -> Path:
    """Return `target`, after downloading it from `url` if it is missing.

    With a `checksum`, a file that does not match it is downloaded again; see `fetch`.

    Raises `error` naming the URL, the file and the reason. Its hint says where to save the file by hand, and
    offers the `alternative`, an imperative such as "give a file with --weights".
    """
    if not (target.is_file() and (not checksum or has_checksum(target, checksum))):
        hint = f"download it elsewhere and save it as {target}" + (alternative and f", or {alternative}")
        fetch(url, target, checksum=checksum, hint=hint, error=error)
    return target


def fetch(
    url: str,
    target: Path,
    *,
    checksum: str = "",
    hint: str = "check the address and the connection",
    error: type[S2FError] = S2FError,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Download `url` to `target`, and check its hash.

    The hash is `checksum`, else the eight digits of SHA-256 at the end of the name, as in `net-01ba4719.pth`;
    without either, any content is accepted. `on_progress` is called with the bytes received and the total,
    which is 0 if the server does not send it.

    Raises `error` naming the URL, the file and the reason, with `hint`. An existing `target` is then
    unchanged.
    """
    try:
        with _open(url) as response, atomic_file(target) as temporary:
            _receive(response, temporary, on_progress)
            expected = checksum or _digits_in(target)
            if expected and not has_checksum(temporary, expected):
                raise S2FError("the download does not have the expected hash")
    except S2FError as problem:
        raise error(f"cannot download {url} to {target}: {problem.message}", hint) from None


def in_torch_hub(url: str) -> Path:
    """Where torch hub caches the weights at `url`; the file need not exist."""
    import torch.hub

    return Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]


def has_checksum(path: Path, checksum: str) -> bool:
    """Whether the hash of a file starts with `checksum`: hexadecimal SHA-256, or `sha512:…`."""
    algorithm, _, digits = checksum.rpartition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm or "sha256").hexdigest().startswith(digits)


def digest(path: Path) -> str:
    """The first 8 hexadecimal digits of a file's SHA-256, as torch hub writes them into file names."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS]


def _digits_in(path: Path) -> str:
    digits = path.stem.rsplit("-", 1)[-1]
    return digits if len(digits) == _DIGITS else ""


def _receive(
    response: HTTPResponse, target: Path, on_progress: Callable[[int, int], None] | None = None
) -> None:
    total = response.length or 0
    with target.open("wb") as file:
        while chunk := _read(response):
            file.write(chunk)
            if on_progress:
                on_progress(file.tell(), total)
    if response.length:
        raise S2FError("the connection was interrupted")


def _read(response: HTTPResponse) -> bytes:
    try:
        return response.read(_CHUNK)
    except (OSError, HTTPException) as problem:
        raise S2FError(f"the connection was interrupted: {problem}") from None


def _open(url: str) -> HTTPResponse:
    """Send a request and return its response; give up after TIMEOUT, even if a name server never answers."""
    answers: queue.SimpleQueue[HTTPResponse | Exception] = queue.SimpleQueue()

    def request() -> None:
        try:
            answers.put(urllib.request.urlopen(url, timeout=TIMEOUT))
        except Exception as problem:
            answers.put(problem)

    threading.Thread(target=request, daemon=True).start()
    try:
        answer = answers.get(timeout=TIMEOUT)
    except queue.Empty:
        raise S2FError(f"no answer within {TIMEOUT:g} s") from None
    if isinstance(answer, Exception):
        raise S2FError(str(getattr(answer, "reason", answer)) or type(answer).__name__) from answer
    return answer
