"""Help texts that flow to the terminal's width and end with examples."""

import inspect
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand

_EXAMPLES = "Examples:\n"


class HelpCommand(TyperCommand):
    """A command whose help is its docstring: paragraphs flow, and the block `Examples:` comes last."""

    def __init__(self, name: str | None, *, help: str | None = None, **settings: Any) -> None:
        text, _, examples = inspect.cleandoc(help or "").partition(_EXAMPLES)
        if examples:
            settings["epilog"] = f"{_EXAMPLES}\n{examples.rstrip()}"
        super().__init__(name, help=flow(text), **settings)


class App(typer.Typer):
    """A Typer application whose commands are `HelpCommand`s; without arguments it shows its help."""

    def __init__(self, **settings: Any) -> None:
        defaults: dict[str, Any] = {
            "no_args_is_help": True,
            "pretty_exceptions_enable": False,
            "context_settings": {"help_option_names": ["-h", "--help"]},
        }
        super().__init__(**(defaults | settings))

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Typer's decorator, with `HelpCommand` as the class."""
        return super().command(name, **{"cls": HelpCommand, **settings})


def flow(text: str) -> str:
    """A docstring whose paragraphs are one line each; indented blocks keep their lines."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(p if p.startswith(" ") else " ".join(p.split("\n")) for p in paragraphs).strip()
