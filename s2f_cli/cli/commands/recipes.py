"""`s2f recipes`: the recipes shipped with s2f."""

from typing import Annotated

import typer

from s2f_cli.cli import completion, console
from s2f_cli.cli.help import App

app = App(no_args_is_help=False, invoke_without_command=True)


@app.callback()
def list_recipes(context: typer.Context) -> None:
    """List the recipes, or show one as a starting point for your own.

    Examples:
        s2f recipes
        s2f recipes show pix2pix
    """
    if context.invoked_subcommand is not None:
        return
    from s2f_cli.models import recipes

    rows = [(recipe.name, recipe.title, recipe.source) for recipe in map(recipes.read, recipes.names())]
    console.out.print(console.table("", ("recipe", "description", "source"), rows, numbers=False))


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="Name or file of a recipe.",
            show_default=False,
            autocompletion=completion.recipes,
        ),
    ],
) -> None:
    """Print the TOML file of a recipe.

    Examples:
        s2f recipes show pix2pix
        s2f recipes show pix2pix > mine.toml
        s2f train mine.toml
    """
    from s2f_cli.models import recipes

    typer.echo(recipes.file_of(name).read_text(encoding="utf-8"), nl=False)
