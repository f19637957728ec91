"""Models by name: those shipped with s2f, and those the user added to the s2f home folder.

Each group is a folder of bundles with a file `SHA256SUMS`, as `sha256sum --check` reads it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from s2f_cli.core import registry
from s2f_cli.core.errors import BundleError
from s2f_cli.core.files import atomic_write
from s2f_cli.core.paths import home
from s2f_cli.core.remote_copies import shown
from s2f_cli.models import hub
from s2f_cli.models.card import Card, read_card
from s2f_cli.models.domains import Domain

SHIPPED = Path(__file__).parent / "shipped"
SUFFIX = ".safetensors"
_SUMS = "SHA256SUMS"


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
    for folder in (added_folder(), SHIPPED):
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
    """The name of a model that is in one of the two folders, or its address on the hub; else its path."""
    if reference := hub.reference_of(path):
        return str(reference)
    named = path.suffix == SUFFIX and path.parent in (added_folder(), SHIPPED)
    return path.stem if named and path in [model.path for model in models()] else shown(str(path))


def default(to: Domain) -> NamedModel | None:
    """Return the shipped model that translates to a domain, or None."""
    return next((m for m in models() if m.shipped and to in m.card().directions), None)


def remove(name: str) -> NamedModel:
    """Delete an added model; raises BundleError if it does not exist or is shipped with s2f."""
    model = find(name)
    if model.shipped:
        raise BundleError(
            f"{name} is shipped with s2f and cannot be removed", "add a model of this name to replace it"
        )
    model.path.unlink()
    sums = {file: value for file, value in _read_sums(added_folder()).items() if file != model.path.name}
    _write_sums(added_folder(), sums)
    return model


def record(path: Path) -> None:
    """Record the SHA-256 of a model in its folder, for `NamedModel.verify`."""
    _write_sums(path.parent, _read_sums(path.parent) | {path.name: sha256(path)})


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; raises BundleError if the file is missing."""
    if not path.is_file():
        raise BundleError(f"there is no model file {path}", "check the path")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def added_folder() -> Path:
    """The folder of the models that the user added."""
    return home() / "models"


def _read_sums(folder: Path) -> dict[str, str]:
    file = folder / _SUMS
    if not file.is_file():
        return {}
    lines = (line.split(maxsplit=1) for line in file.read_text("utf-8", "replace").splitlines())
    return {words[1].strip(): words[0] for words in lines if len(words) > 1}


def _write_sums(folder: Path, sums: Mapping[str, str]) -> None:
    atomic_write(folder / _SUMS, "".join(f"{value}  {file}\n" for file, value in sorted(sums.items())))
