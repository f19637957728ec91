"""`s2f recipes`."""

import typer

app = typer.Typer()


@app.command()
def todo() -> None:
    """Not there yet."""
