"""Options for what a model is given besides the image."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from s2f_cli.cli import completion
from s2f_cli.cli.options import CONDITIONS


def _option(metavar: str, text: str, default: str | bool = "the model's", **more: Any) -> Any:
    return typer.Option(metavar=metavar, help=text, show_default=default, rich_help_panel=CONDITIONS, **more)


def _assignment(text: str) -> str:
    name, equals, _ = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"{text!r} is not of the form NAME=VALUE, such as style=bold")
    return text


StyleOption = Annotated[
    str | None,
    _option(
        "NAME",
        "Drawing style, such as bold; all makes one result of each.",
        autocompletion=completion.styles,
    ),
]
SkinOption = Annotated[
    str | None, _option("COLOUR", "Colour of the skin: #rrggbb, a CSS name, or fair, medium, dark …")
]
HairOption = Annotated[
    str | None, _option("COLOUR", "Colour of the hair: #rrggbb, a CSS name, or blond, dark brown …")
]
BackdropOption = Annotated[str | None, _option("COLOUR", "Colour of the backdrop: #rrggbb or a CSS name.")]
LikeOption = Annotated[Path | None, _option("PHOTO", "Take the colours of a photo of a face.", False)]
ConditionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--condition",
        parser=_assignment,
        metavar="NAME=VALUE",
        help="Any condition that `s2f models show` lists; repeatable.",
        show_default=False,
        rich_help_panel=CONDITIONS,
    ),
]


def collect(assignments: list[str] | None, **named: str | None) -> dict[str, str]:
    """Values by condition, from `--condition` and from the options named like conditions, which win."""
    values = {name: value for name, _, value in (text.partition("=") for text in assignments or ())}
    return values | {name: value for name, value in named.items() if value is not None}
