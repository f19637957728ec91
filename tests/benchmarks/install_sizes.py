"""What an installation takes on the disk: the normal one, and what each extra adds.

    python tests/benchmarks/install_sizes.py [--pyproject FILE]

Follows the requirements of a pyproject.toml, by default that of this repository, through the packages that
are installed here, and adds up their files as their records list them, without compiled bytecode. Nothing is
downloaded. Packages that are not installed here are named. Prints Markdown.
"""

import argparse
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]


def closure(requirements: Iterable[str]) -> set[str]:
    """The names of the packages that requirements need, directly or not."""
    found: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in ("", *requirement.extras):
            if (name, wanted) not in found:
                found.add((name, wanted))
                waiting += [(Requirement(line), wanted) for line in requires(name)]
    return {name for name, _ in found}


def requires(name: str) -> list[str]:
    """The requirements of an installed package."""
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def size(name: str) -> float | None:
    """The size of an installed package in MB; None if it is not installed."""
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return None
    return sum(file.size or 0 for file in files if file.suffix != ".pyc") / 1e6


def row(title: str, names: set[str]) -> str:
    """A line of the table, with the largest packages."""
    sizes = {name: size(name) for name in names}
    known = sorted(((mb, name) for name, mb in sizes.items() if mb is not None), reverse=True)
    largest = ", ".join(f"{name} {mb:.0f}" for mb, name in known[:4] if mb >= 1)
    missing = [name for name, mb in sizes.items() if mb is None]
    note = f"; not installed here: {', '.join(sorted(missing))}" if missing else ""
    return f"| {title} | {len(names)} | {sum(mb for mb, _ in known):.0f} MB | {largest}{note} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyproject", type=Path, default=TOP / "pyproject.toml")
    project = tomllib.loads(parser.parse_args().pyproject.read_text("utf-8"))["project"]
    normal = closure(project["dependencies"])
    print("| | packages | size | the largest, in MB |\n| --- | ---: | ---: | --- |")
    print(row("normal", normal))
    for extra, lines in project["optional-dependencies"].items():
        if not any(line.startswith(project["name"]) for line in lines):
            print(row(f"`{extra}` adds", closure(lines) - normal))


if __name__ == "__main__":
    main()
