from collections.abc import Iterator
from typing import Any

import pytest
import typer
from rich.markup import render

from s2f_cli.cli.app import COMMANDS, app
from s2f_cli.cli.help import flow

LEAVES = [name for commands in COMMANDS.values() for name in commands if name not in ("prepare", "runs")]


def test_paragraphs_flow_and_indented_blocks_keep_their_lines() -> None:
    text = """One
    two.

    Three
    four.

        s2f a
        s2f b
    """
    assert flow(text) == "One two.\n\nThree four.\n\n    s2f a\n    s2f b"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("command", LEAVES)
def test_help_fits_the_terminal(command: str, width: int, s2f, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is longer than the terminal, and the column of help texts keeps at least 30 characters."""
    monkeypatch.setenv("COLUMNS", str(width))
    lines = s2f(command, "--help").out.splitlines()
    assert max(map(len, lines)) <= width
    for line in lines:
        if line.startswith(("│ --", "│ *")):
            text = line.strip("│ ").split("  ")[-1]
            assert line.index(text) <= width - 30, line


def test_no_help_text_is_taken_for_markup() -> None:
    """Rich would swallow words in brackets."""

    def texts(command: Any) -> Iterator[str]:
        yield from filter(
            None, [command.help, command.epilog, *(getattr(p, "help", "") for p in command.params)]
        )
        for child in getattr(command, "commands", {}).values():
            yield from texts(child)

    for text in texts(typer.main.get_command(app)):
        assert render(text).plain == text


def test_examples_come_after_the_options(s2f) -> None:
    page = s2f("export", "--help").out
    positions = [
        page.index(part) for part in ("─ Output ─", "─ Help ─", "Examples:", "s2f export --format web site")
    ]
    assert positions == sorted(positions)
