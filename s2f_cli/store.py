"""Models by name: those that come with s2f, and those that were added to its home.

Both are folders of bundles with a file `SHA256SUMS` beside them, as `sha256sum --check` reads it.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pooch

from s2f_cli import bundle, parts
from s2f_cli.bundle import Card
from s2f_cli.errors import BundleError, S2FError
from s2f_cli.files import whole_file, write_whole
from s2f_cli.folders import home
from s2f_cli.images import Domain

SHIPPED = Path(__file__).parent / "models"
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
        raise BundleError(f"there is no model {name!r}", parts.did_you_mean(name, sorted(known)))
    return known[name]


def default(to: Domain) -> Model | None:
    """The model that comes with s2f and makes a domain, if there is one."""
    return next((m for m in models() if m.shipped and to in m.card().directions), None)


def add(
    source: str, name: str = "", sha256sum: str = "", on_progress: Callable[[int, int], None] | None = None
) -> Model:
    """Keep a bundle, from a file or a URL, under a name; what stood there is replaced once the new one is
    known to be good.

    The name is the file's if none is given. `on_progress` is told the bytes that came and those in all.

    Raises BundleError when it is no bundle or has another SHA-256 than the one given, S2FError when it cannot
    be fetched or written, or the name cannot be one.
    """
    remote = "://" in source
    name = name or Path(unquote(urlsplit(source).path) if remote else source).stem
    if not name or name.startswith(".") or not all(c.isalnum() or c in "-_." for c in name):
        raise S2FError(f"a model cannot be called {name!r}", "choose letters, digits, - and _ with --name")
    target = _added() / f"{name}{SUFFIX}"
    with tempfile.TemporaryDirectory(prefix="s2f-") as folder:
        came = _fetch(source, Path(folder), on_progress) if remote else Path(source)
        bundle.load(came)
        found = sha256(came)
        if sha256sum and found != sha256sum.lower():
            raise BundleError(
                f"{source} has the SHA-256 {found}, not {sha256sum}", "get it from its source again"
            )
        with whole_file(target) as temporary:
            shutil.copyfile(came, temporary)
    sums = _sums(_added()) | {target.name: found}
    write_whole(_added() / _SUMS, "".join(f"{value}  {file}\n" for file, value in sorted(sums.items())))
    return Model(name, target)


def remove(name: str) -> Model:
    """Forget a model that was added; raises BundleError for one that is not there, or came with s2f."""
    model = find(name)
    if model.shipped:
        raise BundleError(f"{name} came with s2f and stays", "add one of the same name to take its place")
    model.path.unlink()
    sums = {file: value for file, value in _sums(_added()).items() if file != model.path.name}
    write_whole(_added() / _SUMS, "".join(f"{value}  {file}\n" for file, value in sorted(sums.items())))
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


def _fetch(url: str, folder: Path, on_progress: Callable[[int, int], None] | None) -> Path:
    try:
        downloader = pooch.HTTPDownloader(
            progressbar=_Meter(on_progress) if on_progress else False, timeout=30
        )
        pooch.get_logger().setLevel("ERROR")
        return Path(pooch.retrieve(url, None, f"model{SUFFIX}", folder, downloader=downloader))
    except (OSError, ValueError) as problem:
        raise S2FError(
            f"cannot fetch {url}: {problem}", "check the address, or fetch it by other means"
        ) from None


class _Meter:
    """What pooch tells of a download, told on."""

    total = 0

    def __init__(self, on_progress: Callable[[int, int], None]) -> None:
        self._told, self._came = on_progress, 0

    def update(self, count: int) -> None:
        self._came += count
        self._told(self._came, self.total)

    def reset(self) -> None:
        self._came = 0

    def close(self) -> None:
        """Nothing is open."""
