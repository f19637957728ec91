"""Models by name: those shipped with s2f, and those the user added to the s2f home folder.

Each group is a folder of bundles with a file `SHA256SUMS`, as `sha256sum --check` reads it.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import url2pathname

from pydantic import ValidationError

from s2f_cli.core import downloads, registry
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.core.files import atomic_file, atomic_write
from s2f_cli.core.paths import home
from s2f_cli.models.card import Card, read_card
from s2f_cli.models.domains import Domain

SHIPPED = Path(__file__).parent / "shipped"
SUFFIX = ".safetensors"
_SUMS = "SHA256SUMS"
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}
"""File names that Windows reserves, with any suffix."""


@dataclass(frozen=True)
class NamedModel:
    """A named model: a bundle in one of the two folders."""

    name: str
    path: Path

    @property
    def shipped(self) -> bool:
        """Whether it is part of s2f."""
        return self.path.parent == SHIPPED

    def card(self) -> Card:
        """Read its card; raises BundleError as `read_card` does."""
        return read_card(self.path)

    def verify(self) -> None:
        """Raise BundleError unless the file has the SHA-256 recorded when it was added or shipped."""
        recorded, actual = _read_sums(self.path.parent).get(self.path.name), sha256(self.path)
        fix = "reinstall s2f" if self.shipped else f"add the model again: s2f models add … --name {self.name}"
        if recorded is None:
            raise BundleError(f"{self.path.parent / _SUMS} does not list {self.path.name}", fix)
        if recorded != actual:
            raise BundleError(f"{self.path} has changed: its SHA-256 is {actual}, not {recorded}", fix)


def models() -> list[NamedModel]:
    """All models, sorted by name within each group: the added ones first, then the shipped ones.

    An added model hides a shipped one of the same name.
    """
    by_name: dict[str, NamedModel] = {}
    for folder in (_added(), SHIPPED):
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            by_name.setdefault(path.stem, NamedModel(path.stem, path))
    return list(by_name.values())


def names() -> list[str]:
    """The sorted names of all models."""
    return sorted(model.name for model in models())


def find(name: str) -> NamedModel:
    """Return the model called `name`; raises BundleError, with the known names, if there is none."""
    known = {model.name: model for model in models()}
    if name not in known:
        raise BundleError(f"there is no model {name!r}", registry.did_you_mean(name, sorted(known)))
    return known[name]


def name_of(path: Path) -> str:
    """The name of a model that is in one of the two folders; the path of any other."""
    named = path.suffix == SUFFIX and path.parent in (_added(), SHIPPED)
    return path.stem if named and path in [model.path for model in models()] else str(path)


def default(to: Domain) -> NamedModel | None:
    """Return the shipped model that translates to a domain, or None."""
    return next((m for m in models() if m.shipped and to in m.card().directions), None)


def add(
    source: str,
    name: str = "",
    sha256sum: str = "",
    *,
    half: bool = False,
    about: Mapping[str, Any] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> NamedModel:
    """Add a bundle, from a file or a URL, under a name, which defaults to the file's stem.

    An added model of the same name is replaced once the new bundle has been checked. `half` stores the
    weights in half precision; `about` replaces fields of the card (`command`, `notes`, `scores` …).
    `on_progress` is called with the bytes received and the total, which is 0 if the server does not send it.

    Raises BundleError if the source is not a bundle, its SHA-256 is not `sha256sum`, or a field of `about` is
    unknown or invalid; S2FError if the source cannot be downloaded or stored, or the name is invalid.
    """
    from s2f_cli.models import bundle  # imports torch, which reading a card does not need

    if source.lower().startswith("file:"):
        source = _path_of(source)
    remote = "://" in source
    name = name or Path(unquote(_split(source).path) if remote else source).stem
    if not name or name[0] == "." or not all(c.isalnum() or c in "-_." for c in name) or _reserved(name):
        raise S2FError(f"a model cannot be called {name!r}", "choose letters, digits, - and _ with --name")
    target = _added() / f"{name}{SUFFIX}"
    with tempfile.TemporaryDirectory(prefix="s2f-") as folder:
        file = Path(source)
        if remote:
            file = Path(folder) / f"{name}{SUFFIX}"
            downloads.fetch(source, file, hint="check the address", on_progress=on_progress)
        networks, card = bundle.load(file)
        actual = sha256(file)
        if sha256sum and actual != sha256sum.lower():
            raise BundleError(f"{source} has the SHA-256 {actual}, not {sha256sum}", "download it again")
        if half or about:
            bundle.save(target, networks.half() if half else networks, _updated(card, about or {}))
        else:
            with atomic_file(target) as temporary:
                shutil.copyfile(file, temporary)
    _write_sums(_added(), _read_sums(_added()) | {target.name: sha256(target)})
    return NamedModel(name, target)


def remove(name: str) -> NamedModel:
    """Delete an added model; raises BundleError if it does not exist or is shipped with s2f."""
    model = find(name)
    if model.shipped:
        raise BundleError(
            f"{name} is shipped with s2f and cannot be removed", "add a model of this name to replace it"
        )
    model.path.unlink()
    sums = {file: value for file, value in _read_sums(_added()).items() if file != model.path.name}
    _write_sums(_added(), sums)
    return model


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; raises BundleError if the file is missing."""
    if not path.is_file():
        raise BundleError(f"there is no model file {path}", "check the path")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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


def _added() -> Path:
    return home() / "models"


def _updated(card: Card, fields: Mapping[str, Any]) -> Card:
    try:
        return Card.model_validate(card.model_dump() | dict(fields))
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BundleError(
            f"the card's field {where} cannot be set: {first['msg']}", "see the fields with `s2f models show`"
        ) from None


def _read_sums(folder: Path) -> dict[str, str]:
    file = folder / _SUMS
    if not file.is_file():
        return {}
    lines = (line.split(maxsplit=1) for line in file.read_text("utf-8", "replace").splitlines())
    return {words[1].strip(): words[0] for words in lines if len(words) > 1}


def _write_sums(folder: Path, sums: Mapping[str, str]) -> None:
    atomic_write(folder / _SUMS, "".join(f"{value}  {file}\n" for file, value in sorted(sums.items())))
