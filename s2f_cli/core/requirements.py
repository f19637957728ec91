"""The packages that s2f requires, as the metadata of the installed distribution lists them."""

import importlib
import importlib.util
import shlex
from collections.abc import Iterable
from importlib import metadata
from typing import TYPE_CHECKING, Any

from s2f_cli.core.errors import MissingPart

if TYPE_CHECKING:
    from packaging.requirements import Requirement

DISTRIBUTION = "s2f-cli"


def require(package: str, extra: str = "") -> Any:
    """Import a package of an extra, or of the normal dependencies without `extra`.

    Raises MissingPart as `check` does.
    """
    check(package, extra)
    return importlib.import_module(package)


def check(package: str, extra: str = "") -> None:
    """Raise MissingPart if a package is not installed; the hint is the command that installs it."""
    if importlib.util.find_spec(package) is None:
        raise MissingPart(
            f"the package {package!r}{extra and f' (extra {extra!r})'} is not installed",
            install_hint(package, extra),
        )


def install_hint(package: str, extra: str = "") -> str:
    """The command that installs all packages of an extra, or the normal dependency `package`."""
    from packaging.utils import canonicalize_name

    wanted = required(extra)
    if not extra:  # the package dlib comes from the distribution dlib-bin or dlib
        name = canonicalize_name(package)
        wanted = [item for item in wanted if canonicalize_name(item.name).removesuffix("-bin") == name]
    return install_command(wanted) if wanted else f"pip install {package}"


def install_command(requirements: Iterable["Requirement"]) -> str:
    """The pip command that installs some packages in the versions that s2f supports."""
    return " ".join(
        ["pip install", *(shlex.quote(_specification(requirement)) for requirement in requirements)]
    )


def required(extra: str = "") -> list["Requirement"]:
    """The packages of an extra, or the normal dependencies, on this platform.

    Empty if s2f runs from a source tree that was never installed.
    """
    from packaging.requirements import Requirement  # takes longer to import than this whole module

    try:
        lines = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []
    parsed = [item for item in map(Requirement, lines) if item.name != DISTRIBUTION]
    return [item for item in parsed if _applies(item, extra) and not (extra and _applies(item, ""))]


def version(package: str) -> str:
    """The version of an installed package; empty if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _applies(requirement: "Requirement", extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _specification(requirement: "Requirement") -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}{requirement.specifier}"
