"""POSIX-only modules are imported only within `try`, and POSIX-only signals are not used."""

import ast
from pathlib import Path

import pytest

import s2f_cli

POSIX = {"curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
SIGNALS = {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "alarm", "pause"}
FILES = sorted(Path(s2f_cli.__file__).parent.rglob("*.py"))


def imported(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {(node.module or "").split(".")[0]} if isinstance(node, ast.ImportFrom) else set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_module_runs_on_windows(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    within_try = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Try) for inner in node.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and id(node) not in within_try:
            assert not imported(node) & POSIX
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "signal":
            assert node.attr not in SIGNALS
