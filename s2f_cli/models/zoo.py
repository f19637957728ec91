"""Models by name: those that come with s2f, and those that were added to its home.

Both are folders of bundles with a file `SHA256SUMS` beside them, as `sha256sum --check` reads it.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from s2f_cli.core import downloads, registry
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.core.files import atomic_file, atomic_write
from s2f_cli.core.images import Domain
from s2f_cli.core.paths import home
from s2f_cli.models import bundle
from s2f_cli.models.bundle import Card

SHIPPED = Path(__file__).parent / "shipped"
SUFFIX = ".safetensors"
_SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Model:
    """A model of the store."""

    name: str
    path: Path

    @property
    def shipped(self) -> bool:
        """Whether it came with s2f."""
        return self.path.parent == SHIPPED

    def card(self) -> Card:
        """What it is; raises BundleError as `bundle.read_card` does."""
        return bundle.read_card(self.path)

    def verify(self) -> None:
        """Raise BundleError unless the file's SHA-256 is the one noted when it came."""
        expected, found = _sums(self.path.parent).get(self.path.name), sha256(self.path)
        again = "install s2f again" if self.shipped else f"add it again with `s2f models add`, as {self.name}"
        if expected is None:
            raise BundleError(f"{self.path.parent / _SUMS} does not name {self.path.name}", again)
        if expected != found:
            raise BundleError(f"{self.path} is not the file that came: its SHA-256 is {found}", again)


def models() -> list[Model]:
    """All models: those added first, then those shipped whose name was not taken, each sorted."""
    found: dict[str, Model] = {}
    for folder in (_added(), SHIPPED):
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            found.setdefault(path.stem, Model(path.stem, path))
    return list(found.values())


def find(name: str) -> Model:
    """The model of a name; raises BundleError naming the known ones."""
    known = {model.name: model for model in models()}
    if name not in known:
        raise BundleError(f"there is no model {name!r}", registry.did_you_mean(name, sorted(known)))
    return known[name]


def default(to: Domain) -> Model | None:
    """The model that comes with s2f and makes a domain, if there is one."""
    return next((m for m in models() if m.shipped and to in m.card().directions), None)


def add(
    source: str,
    name: str = "",
    sha256sum: str = "",
    *,
    half: bool = False,
    about: Mapping[str, Any] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Model:
    """Keep a bundle, from a file or a URL, under a name; what stood there is replaced once the new one is
    known to be good.

    The name is the file's if none is given. With `half` its weights are kept in half precision, half as many
    bytes; `about` takes the place of what its card says (`command`, `notes`, `scores` …). `on_progress` is
    told the bytes that came and those in all, 0 where the server does not say.

    Raises BundleError when it is no bundle, has another SHA-256 than the one given, or a card cannot say what
    `about` says; S2FError when it cannot be fetched or written, or the name cannot be one.
    """
    remote = "://" in source
    name = name or Path(unquote(urlsplit(source).path) if remote else source).stem
    if not name or name.startswith(".") or not all(c.isalnum() or c in "-_." for c in name):
        raise S2FError(f"a model cannot be called {name!r}", "choose letters, digits, - and _ with --name")
    target = _added() / f"{name}{SUFFIX}"
    with tempfile.TemporaryDirectory(prefix="s2f-") as folder:
        came = Path(source)
        if remote:
            came = Path(folder) / f"{name}{SUFFIX}"
            downloads.fetch(source, came, on_progress=on_progress)
        networks, card = bundle.load(came)
        found = sha256(came)
        if sha256sum and found != sha256sum.lower():
            raise BundleError(
                f"{source} has the SHA-256 {found}, not {sha256sum}", "get it from its source again"
            )
        if half or about:
            try:
                told = Card.model_validate(card.model_dump() | dict(about or {}))
            except ValidationError as problem:
                first = problem.errors()[0]
                where = ".".join(map(str, first["loc"]))
                raise BundleError(
                    f"a card cannot say {where}: {first['msg']}", "see `s2f models show`"
                ) from None
            bundle.save(target, networks.half() if half else networks, told)
        else:
            with atomic_file(target) as temporary:
                shutil.copyfile(came, temporary)
    sums = _sums(_added()) | {target.name: sha256(target)}
    atomic_write(_added() / _SUMS, "".join(f"{value}  {file}\n" for file, value in sorted(sums.items())))
    return Model(name, target)


def remove(name: str) -> Model:
    """Forget a model that was added; raises BundleError for one that is not there, or came with s2f."""
    model = find(name)
    if model.shipped:
        raise BundleError(f"{name} came with s2f and stays", "add one of the same name to take its place")
    model.path.unlink()
    sums = {file: value for file, value in _sums(_added()).items() if file != model.path.name}
    atomic_write(_added() / _SUMS, "".join(f"{value}  {file}\n" for file, value in sorted(sums.items())))
    return model


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; raises BundleError when it is not there."""
    if not path.is_file():
        raise BundleError(f"there is no model file {path}", "check the path")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _added() -> Path:
    return home() / "models"


def _sums(folder: Path) -> dict[str, str]:
    file = folder / _SUMS
    if not file.is_file():
        return {}
    lines = (line.split(maxsplit=1) for line in file.read_text(encoding="utf-8").splitlines())
    return {name.strip(): value for value, name in lines}
