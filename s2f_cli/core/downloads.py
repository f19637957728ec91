"""Atomic, hash-checked, cached downloads.

A server may take S2F_TIMEOUT seconds (environment variable, default 30) to answer, and as long between two
parts of a file. An interrupted download continues where it stopped, if the server can do that: by itself, and
if the hash is known, in the next call.
"""

import hashlib
import queue
import re
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO

from s2f_cli.core import settings
from s2f_cli.core.errors import S2FError
from s2f_cli.core.files import atomic_file

TIMEOUT = settings.seconds("S2F_TIMEOUT", 30.0)
"""Seconds to wait for an answer, or for the next part, before the network counts as unreachable."""
_ATTEMPTS = 3
"""Connections in a row that may be interrupted without getting further."""
_CHUNK = 1 << 16
_DIGITS = 8
_HASH_IN_NAME = re.compile(rf"-([0-9a-f]{{{_DIGITS}}})\.[^.]+$")


def cached(
    url: str, target: Path, *, checksum: str = "", alternative: str = "", error: type[S2FError] = S2FError
) -> Path:
    """Return `target`, after downloading it from `url` if it is missing.

    With a `checksum`, a file that does not match it is downloaded again. A download is checked against it,
    else against the eight digits of SHA-256 that names such as `net-01ba4719.pth` end with.

    Raises `error` naming the URL, the file and the reason. Its hint says where to save the file by hand, and
    offers the `alternative`, an imperative such as "give a file with --weights".
    """
    if not (target.is_file() and (not checksum or has_checksum(target, checksum))):
        hint = f"download it elsewhere and save it as {target}" + (alternative and f", or {alternative}")
        fetch(url, target, checksum=checksum or _digits_in(target.name), hint=hint, error=error)
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
    """Download `url` to `target`, and check its hash, if `checksum` gives one.

    `on_progress` is called with the bytes received and the total, which is 0 if the server does not send it.

    Raises `error` naming the URL, the file and the reason, with `hint`. An existing `target` is then
    unchanged. With a `checksum`, the part that has arrived is kept beside `target` for the next call.
    """
    try:
        with atomic_file(target) as temporary, _kept_part(target, checksum, temporary) as received:
            _download(url, temporary, received, bool(checksum), on_progress)
            if checksum and received and not has_checksum(temporary, checksum):
                _download(url, temporary, 0, True, on_progress)  # the part was of another version
            if checksum and not has_checksum(temporary, checksum):
                temporary.write_bytes(b"")
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


def _digits_in(name: str) -> str:
    match = _HASH_IN_NAME.search(name)
    return match[1] if match else ""


@contextmanager
def _kept_part(target: Path, checksum: str, temporary: Path) -> Iterator[int]:
    """Fill `temporary` with the part that an earlier call received; yields its size.

    If the block fails, what is in `temporary` is kept. Without a checksum nothing is kept, because the file
    may have changed on the server.
    """
    part = target.with_name(
        f".s2f-{hashlib.sha256(f'{target.name} {checksum}'.encode()).hexdigest()[:16]}.part"
    )
    if checksum and part.is_file():
        part.replace(temporary)
    try:
        yield temporary.stat().st_size
    except BaseException:
        if checksum and temporary.stat().st_size:
            temporary.replace(part)
        raise


def _download(
    url: str, target: Path, received: int, is_checked: bool, on_progress: Callable[[int, int], None] | None
) -> None:
    """Download to a file that holds the first `received` bytes, or all if the server cannot send the rest."""
    response = None
    if received:
        with suppress(S2FError):  # such as a refusal to send a part
            response = _open(url, {"Range": f"bytes={received}-"})
    if response is None:
        response, received = _open(url), 0
    if response.status != HTTPStatus.PARTIAL_CONTENT:
        received = 0
    elif _first_byte(response) != received:
        response, received = _open(url), 0
    with target.open("rb+") as file:
        file.seek(received)
        file.truncate()
        _receive_all(url, response, file, is_checked, on_progress)


def _receive_all(
    url: str,
    response: HTTPResponse,
    file: IO[bytes],
    is_checked: bool,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Write a response to a file; after an interruption, ask for the rest, else for all again.

    The rest is asked for if the response names its version, or if the hash of the file is checked.
    """
    version = response.headers.get("ETag", "")
    if not version or version.startswith("W/"):
        version = response.headers.get("Last-Modified", "")
    total = file.tell() + response.length if response.length else 0
    furthest, attempts = file.tell(), 0
    while (problem := _receive(response, file, total, on_progress)) is not None:
        attempts = 1 if file.tell() > furthest else attempts + 1
        furthest = max(furthest, file.tell())
        if attempts >= _ATTEMPTS:
            raise S2FError(f"the connection was interrupted{problem}")
        rest = {"If-Range": version} if version else {}
        if file.tell() and (version or is_checked):
            rest["Range"] = f"bytes={file.tell()}-"
        try:
            response = _open(url, rest)
        except S2FError as refusal:
            raise S2FError(f"the connection was interrupted{problem}, and then: {refusal.message}") from None
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            file.seek(0)
            file.truncate()
            total = response.length or 0
        elif _first_byte(response) != file.tell():
            raise S2FError(f"the connection was interrupted{problem}, and the server sent another part")


def _first_byte(response: HTTPResponse) -> int:
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _receive(
    response: HTTPResponse, file: IO[bytes], total: int, on_progress: Callable[[int, int], None] | None
) -> str | None:
    """Write the rest of a response to a file; returns `: REASON` or "" if interrupted, else None."""
    with response:
        while True:
            try:
                chunk = response.read1(_CHUNK)
            except (OSError, HTTPException) as problem:
                return f": {_too_slow() if isinstance(problem, TimeoutError) else problem}"
            if not chunk:
                return "" if response.length else None
            file.write(chunk)
            if on_progress:
                on_progress(file.tell(), total)


def _open(url: str, headers: dict[str, str] | None = None) -> HTTPResponse:
    """Send a request and return its response; give up after TIMEOUT, even if a name server never answers."""
    scheme = url.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        raise S2FError(f"{scheme}:// is neither http:// nor https://")
    answers: queue.SimpleQueue[HTTPResponse | Exception] = queue.SimpleQueue()

    def request() -> None:
        try:
            request = urllib.request.Request(url, headers=headers or {})
            answers.put(urllib.request.urlopen(request, timeout=TIMEOUT))
        except Exception as problem:
            answers.put(problem)

    threading.Thread(target=request, daemon=True).start()
    try:
        answer = answers.get(timeout=TIMEOUT)
    except queue.Empty:
        raise S2FError(_too_slow()) from None
    if isinstance(answer, Exception):
        reason = getattr(answer, "reason", answer)
        if isinstance(reason, TimeoutError):
            raise S2FError(_too_slow()) from answer
        raise S2FError(str(reason) or type(answer).__name__) from answer
    return answer


def _too_slow() -> str:
    return f"no answer within {TIMEOUT:g} s (environment variable S2F_TIMEOUT)"
