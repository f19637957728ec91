"""`docs/architecture.md` names every package and module, and only those that exist."""

import ast
import re
from pathlib import Path

from s2f_cli.core import registry

TOP = Path(__file__).parents[2]
PACKAGE = TOP / "s2f_cli"
PAGE = (TOP / "docs/architecture.md").read_text(encoding="utf-8")
PART_FOLDERS = {PACKAGE.joinpath(*path.split(".")) for path in registry.KINDS.values()}


def listed() -> set[str]:
    """Paths below `s2f_cli` in the page's tree: folders end in `/`, modules have no suffix."""
    tree = re.search(r"^    s2f_cli/\n((?:    .*\n)+)", PAGE, re.MULTILINE)
    assert tree
    found: set[str] = set()
    folders: list[tuple[int, str]] = []
    for line in tree[1].splitlines():
        names = line.split("#")[0].strip().split(", ")
        indent = len(line) - len(line.lstrip())
        while folders and folders[-1][0] >= indent:
            folders.pop()
        above = folders[-1][1] if folders else ""
        found.update(above + name for name in names)
        if names[0].endswith("/"):
            folders.append((indent, above + names[0]))
    return found


def named_in_docstring(module: Path) -> bool:
    """Whether the docstring of its package names a module."""
    source = (module.parent / "__init__.py").read_text(encoding="utf-8")
    return re.search(rf"\b{module.stem}\b", ast.get_docstring(ast.parse(source)) or "") is not None


def test_every_module_is_named() -> None:
    names = listed()
    modules = [
        m for m in PACKAGE.rglob("*.py") if m.parent not in PART_FOLDERS and not m.stem.startswith("_")
    ]
    paths = {m.relative_to(PACKAGE).with_suffix("").as_posix() for m in modules if not named_in_docstring(m)}
    assert not paths - names, f"not named: {sorted(paths - names)}"


def test_every_package_is_named() -> None:
    paths = {init.parent.relative_to(PACKAGE).as_posix() + "/" for init in PACKAGE.rglob("*/__init__.py")}
    assert not paths - listed(), f"not named: {sorted(paths - listed())}"


def test_nothing_else_is_named() -> None:
    stale = [
        path
        for path in sorted(listed())
        if not ((PACKAGE / path).is_dir() if path.endswith("/") else (PACKAGE / f"{path}.py").is_file())
    ]
    assert not stale, f"named, but gone: {stale}"


def test_dependencies_are_those_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = PAGE.split("## Dependencies")[1]
    for requirement in project["dependencies"]:
        name = re.split(r"[<>=;\[ ]", requirement)[0]
        assert re.search(rf"\b{re.escape(name)}\b", table), f"the table lacks {name}"
    for extra in project["optional-dependencies"]:
        assert f"| `{extra}` |" in table, f"the table lacks the extra {extra}"
