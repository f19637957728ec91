"""`s2f models`: list, show, verify, add, remove and push models by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from s2f_cli.cli import completion, console
from s2f_cli.cli.help import App
from s2f_cli.cli.options import OUTPUT, JsonOption

if TYPE_CHECKING:
    from s2f_cli.models.card import Card

CARD = "Card and weights"

app = App(no_args_is_help=False, invoke_without_command=True)

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="Name of a model.", show_default=False, autocompletion=completion.models
    ),
]

ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A name from `s2f models`, a run folder, a bundle or hf://owner/name.",
        show_default=False,
        autocompletion=completion.models,
    ),
]


@app.callback()
def list_models(context: typer.Context, as_json: JsonOption = False) -> None:
    """List, show, verify, add, remove and push models, which --model finds by name.

    Without a subcommand, lists all models. Added models come first and hide shipped ones of the same name.

    Examples:
        s2f models
        s2f models show face-to-sketch
        s2f models add runs/0001-pix2pix/model.safetensors --name mine
    """
    if context.invoked_subcommand is not None:
        return
    from s2f_cli.core.errors import BundleError
    from s2f_cli.models import zoo

    rows, failures = [], {}
    for model in zoo.models():
        try:
            card = model.card()
        except BundleError as problem:
            failures[str(model.path)] = problem.line
            continue
        origin = "shipped" if model.shipped else "added"
        megabytes = f"{model.path.stat().st_size / 1e6:.1f}"
        domains = ", ".join(card.directions or card.recipe.samples)
        rows.append((model.name, domains, card.recipe.name, megabytes, origin, card.licence))
    columns = ("model", "makes", "recipe", "MB", "origin", "terms")
    if as_json:
        console.print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        console.out.print(console.table("", columns, rows, numbers=False))
    console.end_batch(failures)


@app.command()
def show(model: ModelArgument, as_json: JsonOption = False) -> None:
    """Print the card of a model: its training data, scores and limits.

    Examples:
        s2f models show face-to-sketch
        s2f models show runs/0001-pix2pix --json
    """
    from s2f_cli.models import locate, zoo
    from s2f_cli.models.card import read_card

    file = locate.locate(model)
    card = read_card(file)
    if as_json:
        console.print_json({"path": str(file), **card.model_dump(mode="json")})
        return
    rows = [("file", str(file)), ("SHA-256", zoo.sha256(file)), *_rows(card)]
    console.out.print(console.table(model, ("", ""), rows, numbers=False))


def _rows(card: Card) -> list[tuple[str, str]]:
    sides = {domain: card.recipe.image.side(domain) for domain in card.directions}
    return [
        ("makes", ", ".join(f"{domain}, {side} pixels" for domain, side in sides.items())),
        (
            "photos",
            f"aligned with `s2f align --preset {card.alignment}`" if card.alignment else "not aligned",
        ),
        *(
            (name, f"{', '.join(label.labels)}; default {label.default}")
            for name, label in card.recipe.conditions.labels.items()
        ),
        *(
            (name, f"a colour; default {colour.default}")
            for name, colour in card.recipe.conditions.colours.items()
        ),
        ("recipe", f"{card.recipe.name}: {card.recipe.title} ({card.recipe.source})"),
        ("trained", f"{card.step}{f' of {card.length}' * (not card.finished)} steps, seed {card.seed}"),
        ("command", card.command),
        ("data", card.data),
        ("terms", card.licence),
        *((topic, text) for topic, text in card.notes.items()),
        ("scores", "; ".join(f"{metric}: {value:.4g}" for metric, value in card.scores.items())),
        ("written by", f"s2f {card.s2f}, torch {card.torch}"),
    ]


@app.command()
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            help="Names of models.",
            show_default="all models",
            autocompletion=completion.models,
        ),
    ] = None,
) -> None:
    """Compare the SHA-256 of each model with the recorded one; exits 1 if any differs.

    Examples:
        s2f models verify
        s2f models verify face-to-sketch
    """
    from s2f_cli.core.errors import BundleError
    from s2f_cli.models import zoo

    failures: dict[str, str] = {}
    for model in [zoo.find(name) for name in names] if names else zoo.models():
        try:
            model.verify()
            typer.echo(f"{model.name}: OK")
        except BundleError as problem:
            failures[model.name] = problem.line
    console.end_batch(failures)


@app.command()
def add(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="File, URL or hf:// address.", show_default=False),
    ],
    name: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Name of the model.", show_default="the file's", rich_help_panel=OUTPUT
        ),
    ] = "",
    sha256: Annotated[
        str,
        typer.Option(
            metavar="HEX",
            help="Refuse the bundle unless it has this SHA-256.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = "",
    half: Annotated[
        bool,
        typer.Option(
            "--half",
            help="Store the weights in half precision, which halves the file.",
            rich_help_panel=CARD,
        ),
    ] = False,
    about: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="TOML file with fields to replace in the card: notes, scores, command …",
            show_default=False,
            rich_help_panel=CARD,
        ),
    ] = None,
) -> None:
    """Add a bundle under a name, so that --model finds it.

    Models are stored in the data folder of the platform, or in $S2F_HOME if it is set.

    Examples:
        s2f models add runs/0001-pix2pix/model.safetensors --name mine
        s2f models add hf://owner/model@v1
        s2f translate photos/ --model mine
    """
    from s2f_cli.models import adding, zoo

    fields = _read(about) if about else None
    with console.progress() as bar:
        task = bar.add_task("bytes", total=None)

        def on_progress(received: int, total: int) -> None:
            bar.update(task, completed=received, total=total or None)

        model = adding.add(source, name, sha256, half=half, about=fields, on_progress=on_progress)
    console.print_path(model.path)
    console.say(f"use it with --model {model.name}; its SHA-256 is {zoo.sha256(model.path)}")


def _read(about: Path) -> dict[str, Any]:
    from s2f_cli.core import documents
    from s2f_cli.core.errors import BundleError

    try:
        return documents.from_toml(about.read_bytes())
    except ValueError as problem:
        raise BundleError(f"{about} is not valid TOML: {problem}", "fix the file") from None


@app.command()
def remove(name: NameArgument) -> None:
    """Delete a model that was added.

    Examples:
        s2f models remove mine
    """
    from s2f_cli.models import zoo

    console.print_path(zoo.remove(name).path)


@app.command()
def push(
    model: ModelArgument,
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS", help="hf://OWNER/NAME, or hf://OWNER/NAME@BRANCH/FILE.", show_default=False
        ),
    ],
    pictures: Annotated[
        list[Path] | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="An image to show on the page; repeatable.",
            show_default=False,
            rich_help_panel=CARD,
        ),
    ] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help="Make a new repository public; otherwise it is private.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    message: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Message of the commit.",
            show_default="recipe and step",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
) -> None:
    """Upload a model to the Hugging Face Hub, with a page made from its card.

    The repository is created if it is missing. Log in with `hf auth login`, or set HF_TOKEN. Needs the extra
    hub.

    Examples:
        s2f models push mine hf://owner/mine
        s2f models push mine hf://owner/mine --picture faces.png --public
    """
    from s2f_cli.models import publishing

    typer.echo(publishing.publish(model, address, pictures or [], public=public, message=message))
    console.say(f"use it with --model {address}")
