"""`s2f models`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from s2f_cli.cli import console
from s2f_cli.cli.help import App

if TYPE_CHECKING:
    from s2f_cli.models.bundle import Card

app = App(
    help="List, show, verify and add models that --model finds by name.",
    no_args_is_help=False,
    invoke_without_command=True,
)

Name = Annotated[str, typer.Argument(help="A model's name.", show_default=False)]


@app.callback()
def listing(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the models that --model finds by name; without --model the first fitting one with s2f is used."""
    if context.invoked_subcommand is None:
        from s2f_cli.core.errors import BundleError
        from s2f_cli.models import zoo

        rows, broken = [], {}
        for model in zoo.models():
            try:
                card = model.card()
            except BundleError as problem:
                broken[str(model.path)] = problem.line
                continue
            origin = "comes with s2f" if model.shipped else "added"
            megabytes = f"{model.path.stat().st_size / 1e6:.1f}"
            makes = ", ".join(card.directions or card.recipe.samples)
            rows.append((model.name, makes, card.recipe.name, megabytes, origin, card.licence))
        columns = ("model", "makes", "recipe", "MB", "origin", "terms")
        if as_json:
            console.print_json([dict(zip(columns, row, strict=True)) for row in rows])
        else:
            console.out.print(console.table("", columns, rows, numbers=False))
        console.end_batch(broken)


@app.command()
def show(name: Name, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print a model's card: what it makes, what it was trained on, its scores, its limits."""
    from s2f_cli.models import zoo

    model = zoo.find(name)
    card = model.card()
    if as_json:
        console.print_json({"path": str(model.path), **card.model_dump(mode="json")})
        return
    rows = [("file", str(model.path)), ("SHA-256", zoo.sha256(model.path)), *_told(card)]
    console.out.print(console.table(name, ("", ""), rows, numbers=False))


def _told(card: Card) -> list[tuple[str, str]]:
    sides = {domain: card.recipe.image.side(domain) for domain in card.directions}
    return [
        ("makes", ", ".join(f"{domain}, {side} pixels" for domain, side in sides.items())),
        (
            "photos",
            f"aligned as by `s2f align --preset {card.alignment}`" if card.alignment else "as they are",
        ),
        ("recipe", f"{card.recipe.name}: {card.recipe.title} ({card.recipe.source})"),
        ("trained", f"{card.step} steps, seed {card.seed}"),
        ("command", card.command),
        ("data", card.data),
        ("terms", card.licence),
        *((topic, text) for topic, text in card.notes.items()),
        ("scores", ", ".join(f"{metric} {value:.4g}" for metric, value in card.scores.items())),
        ("made by", f"s2f {card.s2f}, torch {card.torch}"),
    ]


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models. [default: all]", show_default=False)
    ] = None,
) -> None:
    """Compare each model's SHA-256 with the one noted when it came; exits 1 when one differs."""
    from s2f_cli.core.errors import BundleError
    from s2f_cli.models import zoo

    wrong: dict[str, str] = {}
    for model in [zoo.find(name) for name in names] if names else zoo.models():
        try:
            model.verify()
            typer.echo(f"{model.name}: as it came")
        except BundleError as problem:
            wrong[model.name] = problem.line
    console.end_batch(wrong)


@app.command()
def add(
    source: Annotated[str, typer.Argument(help="A bundle's file or URL.", show_default=False)],
    name: Annotated[str, typer.Option(help="What to call it. [default: the file's name]")] = "",
    sha256: Annotated[str, typer.Option(help="Refuse it unless this is its SHA-256.")] = "",
    half: Annotated[
        bool, typer.Option("--half", help="Keep its weights in half precision: half as many bytes.")
    ] = False,
    about: Annotated[
        Path | None, typer.Option(help="A TOML file of what its card should say: notes, scores, command …")
    ] = None,
) -> None:
    """Keep a bundle under a name, for --model; S2F_HOME names the folder where they are kept."""
    from s2f_cli.models import zoo

    with console.progress() as bar:
        task = bar.add_task("bytes", total=None)

        def tell(came: int, whole: int) -> None:
            bar.update(task, completed=came, total=whole or None)

        told = _read(about) if about else None
        model = zoo.add(source, name, sha256, half=half, about=told, on_progress=tell)
    console.print_path(model.path)
    console.say(f"use it with --model {model.name}; its SHA-256 is {zoo.sha256(model.path)}")


def _read(about: Path) -> dict[str, Any]:
    import tomllib

    from s2f_cli.core.errors import BundleError

    try:
        return tomllib.loads(about.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BundleError(f"{about} is not TOML: {problem}", "mend the file") from None


@app.command()
def remove(name: Name) -> None:
    """Forget a model that was added."""
    from s2f_cli.models import zoo

    console.print_path(zoo.remove(name).path)
