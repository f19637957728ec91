"""Files in object stores and on hubs, by URL, through fsspec (extra `remote`).

`s3://` needs s3fs, which comes with the extra; `gs://` needs gcsfs, `hf://` huggingface_hub, `az://` adlfs.
"""

import posixpath
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from s2f_cli.core.errors import S2FError, first_line
from s2f_cli.core.requirements import require

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{1,15}):/{1,2}(?P<rest>[^/].*)")


def is_url(path: Path | str) -> bool:
    """Whether a path is a URL, such as `s3://bucket/photos`, also after `Path` has merged its slashes."""
    return _URL.fullmatch(str(path)) is not None


def url_of(path: Path | str) -> str:
    """The URL of a path for which `is_url` holds."""
    match = _URL.fullmatch(str(path))
    if match is None:
        raise ValueError(f"{path} is no URL")
    return f"{match['scheme']}://{match['rest']}".rstrip("/")


def files(folder: str) -> list[str]:
    """The names of the files below a URL, relative to it and sorted; one empty name if it is a file itself.

    Raises S2FError if it does not exist or cannot be read, MissingPart if its package is not installed.
    """
    system, root = _opened(folder)
    try:
        if system.isfile(root):
            return [""]
        found = system.find(root)
    except Exception as problem:  # every store has its own kinds
        raise _failure("read", folder, problem) from None
    return sorted(posixpath.relpath(name, root) for name in found)


def times(folder: str, names: Iterable[str]) -> dict[str, float]:
    """When files below a URL were modified, in seconds since 1970, as far as the store says so."""
    system, root = _opened(folder)
    found = {}
    for name in names:
        with suppress(Exception):  # some stores keep no times, and every store has its own kinds of errors
            found[name] = system.modified(posixpath.join(root, name)).timestamp()
    return found


def exists(url: str) -> bool:
    """Whether there is a file or a folder; raises S2FError as `files`."""
    system, root = _opened(url)
    try:
        return bool(system.exists(root))
    except Exception as problem:
        raise _failure("read", url, problem) from None


def download(folder: str, names: Iterable[str], target: Path) -> None:
    """Copy files below a URL to a folder, with their relative names; raises S2FError as `files`."""
    system, root = _opened(folder)
    pairs = [(posixpath.join(root, name), target / name) for name in names]
    for _, local in pairs:
        local.parent.mkdir(parents=True, exist_ok=True)
    _copied(system.get, [name for name, _ in pairs], [str(local) for _, local in pairs], folder, "read")


def upload(source: Path, names: Iterable[str], folder: str) -> None:
    """Copy files of a folder below a URL, with their relative names; raises S2FError as `files`."""
    system, root = _opened(folder)
    pairs = [(source / name, posixpath.join(root, name)) for name in names]
    _copied(system.put, [str(local) for local, _ in pairs], [name for _, name in pairs], folder, "write")


def _copied(copy: Any, sources: list[str], targets: list[str], folder: str, verb: str) -> None:
    if not sources:
        return
    try:
        copy(sources, targets)
    except Exception as problem:  # every store has its own kinds
        raise _failure(verb, folder, problem) from None


def _opened(url: str) -> tuple[Any, str]:
    """The file system of a URL, and its path there."""
    fsspec = require("fsspec", "remote")
    try:
        system, root = fsspec.core.url_to_fs(url)
    except ImportError as problem:
        raise S2FError(
            f"{url} cannot be opened: {first_line(problem)}", "install that package with pip"
        ) from None
    except Exception as problem:
        raise _failure("open", url, problem) from None
    return system, str(root).rstrip("/")


def _failure(verb: str, url: str, problem: Exception) -> S2FError:
    return S2FError(
        f"cannot {verb} {url}: {first_line(problem) or type(problem).__name__}",
        "check the URL, and the credentials that its store reads from the environment",
    )
