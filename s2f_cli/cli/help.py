"""Help texts that flow to the terminal's width and end with examples."""

import inspect
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from s2f_cli.cli.remote_paths import with_copies

_EXAMPLES = "Examples:\n"


class HelpCommand(TyperCommand):
    """A command whose help paragraphs flow and whose `Examples:` block follows the options."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **_flowing(settings))

    def get_help_option(self, ctx: Any) -> Any:
        """The option --help, in its own panel, which comes last."""
        option: Any = super().get_help_option(ctx)
        option.rich_help_panel = "Help"
        return option


class HelpGroup(TyperGroup):
    """A command group whose help has the same form."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**_flowing(settings))


class App(typer.Typer):
    """A Typer application of `HelpCommand`s in a `HelpGroup`; without arguments it shows its help."""

    def __init__(self, **settings: Any) -> None:
        defaults: dict[str, Any] = {
            "cls": HelpGroup,
            "no_args_is_help": True,
            "pretty_exceptions_enable": False,
            "context_settings": {"help_option_names": ["-h", "--help"]},
        }
        super().__init__(**(defaults | settings))

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Typer's decorator, with `HelpCommand` as the class; paths may be URLs."""
        register = super().command(name, **({"cls": HelpCommand} | settings))
        return lambda function: register(with_copies(function))


def flow(text: str) -> str:
    """Join each paragraph of a docstring into one line; indented blocks keep their lines."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(p if p.startswith(" ") else " ".join(p.split("\n")) for p in paragraphs).strip()


def _flowing(settings: dict[str, Any]) -> dict[str, Any]:
    """A command's settings, its help split into flowing paragraphs and examples."""
    text, _, examples = inspect.cleandoc(settings.get("help") or "").partition(_EXAMPLES)
    epilog = f"{_EXAMPLES}\n{examples.rstrip()}" if examples else settings.get("epilog")
    return settings | {"help": flow(text), "epilog": epilog}
