"""Add a model to those that `s2f models` lists, from a file, a URL or the Hugging Face Hub."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import url2pathname

from pydantic import ValidationError

from s2f_cli.core import downloads
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.core.files import atomic_file
from s2f_cli.models import bundle, hub, tracing, zoo
from s2f_cli.models import graphs as stored
from s2f_cli.models.card import Card
from s2f_cli.models.zoo import NamedModel

_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}
"""File names that Windows reserves, with any suffix."""


def add(
    source: str,
    name: str = "",
    sha256sum: str = "",
    *,
    half: bool = False,
    about: Mapping[str, Any] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> NamedModel:
    """Add a bundle, from a file, a URL or the hub, under a name.

    By default the name is the file's stem, or that of the repository on the hub.

    An added model of the same name is replaced once the new bundle has been checked. `half` stores the
    weights in half precision; `about` replaces fields of the card (`command`, `notes`, `scores` …). A bundle
    without ONNX graphs is given them, if its networks can be written as ONNX.
    `on_progress` is called with the bytes received and the total, which is 0 if the server does not send it.

    Raises BundleError as `hub.fetch`, or if the source is not a bundle, its SHA-256 is not `sha256sum`, or a
    field of `about` is unknown or invalid; S2FError if the source cannot be downloaded or stored, or the name
    is invalid.
    """
    if source.lower().startswith("file:"):
        source = _path_of(source)
    if on_hub := hub.is_reference(source):
        address = hub.parse(source)
        name = name or (Path(address.file).stem if address.file not in ("", hub.FILE) else address.name)
    remote = "://" in source and not on_hub
    name = name or Path(unquote(_split(source).path) if remote else source).stem
    if not name or name[0] == "." or not all(c.isalnum() or c in "-_." for c in name) or _reserved(name):
        raise S2FError(f"a model cannot be called {name!r}", "choose letters, digits, - and _ with --name")
    target = zoo.added_folder() / f"{name}{zoo.SUFFIX}"
    with tempfile.TemporaryDirectory(prefix="s2f-") as folder:
        file = hub.fetch(source) if on_hub else Path(source)
        if remote:
            file = Path(folder) / f"{name}{zoo.SUFFIX}"
            downloads.fetch(source, file, hint="check the address", on_progress=on_progress)
        networks, card = bundle.load(file)
        actual = zoo.sha256(file)
        if sha256sum and actual != sha256sum.lower():
            raise BundleError(f"{source} has the SHA-256 {actual}, not {sha256sum}", "download it again")
        graphs = stored.read(file) or tracing.trace(networks, card)
        if half or about or graphs != stored.read(file):
            kept = networks.half() if half else networks
            bundle.save(target, kept, _updated(card, about or {}), graphs)
        else:
            with atomic_file(target) as temporary:
                shutil.copyfile(file, temporary)
    zoo.record(target)
    return NamedModel(name, target)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as problem:
        raise BundleError(f"{url} is not an address: {problem}", "check the address") from None


def _path_of(url: str) -> str:
    """The path of a `file:` URL; raises BundleError if it is one of another computer."""
    parts = _split(url)
    if parts.netloc not in ("", "localhost"):
        raise BundleError(f"{url} is a file of another computer", "name its path, or an http:// address")
    return url2pathname(parts.path)


def _reserved(name: str) -> bool:
    """Whether Windows reserves a file name for a device, such as `con` or `nul.old`."""
    return name.partition(".")[0].rstrip().lower() in _DEVICES


def _updated(card: Card, fields: Mapping[str, Any]) -> Card:
    try:
        return Card.model_validate(card.model_dump() | dict(fields))
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BundleError(
            f"the card's field {where} cannot be set: {first['msg']}", "see the fields with `s2f models show`"
        ) from None
