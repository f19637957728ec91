"""`s2f prepare`."""

import typer

app = typer.Typer()


@app.command()
def todo() -> None:
    """Not there yet."""
