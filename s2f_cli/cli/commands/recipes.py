"""`s2f recipes`."""

from typing import Annotated

import typer

from s2f_cli.cli import console
from s2f_cli.cli.help import App

app = App(
    help="List the recipes, or show one to start your own from.",
    no_args_is_help=False,
    invoke_without_command=True,
)


@app.callback()
def listing(context: typer.Context) -> None:
    """List the recipes, or show one to start your own from."""
    if context.invoked_subcommand is None:
        from s2f_cli.models import recipes

        rows = [(name, r.title, r.source) for name in recipes.names() for r in [recipes.read(name)]]
        console.out.print(console.table("", ("recipe", "what it is", "source"), rows, numbers=False))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A recipe's name.", show_default=False)],
) -> None:
    """Print a recipe: `s2f recipes show NAME > mine.toml` starts yours, `s2f train mine.toml` trains it."""
    from s2f_cli.models import recipes

    typer.echo(recipes.file_of(name).read_text(encoding="utf-8"), nl=False)
