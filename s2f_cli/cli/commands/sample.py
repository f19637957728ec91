"""`s2f sample`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli.cli import completion, console
from s2f_cli.cli.options import MODEL, OUTPUT, DeviceOption, MarkOption

if TYPE_CHECKING:
    from PIL import Image

    from s2f_cli.core.metadata import Metadata


def sample(
    to: Annotated[
        Literal["face", "sketch"],
        typer.Option(
            metavar="DOMAIN",
            help="Domain of the images: face or sketch.",
            show_default=False,
            rich_help_panel=MODEL,
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="A name from `s2f models`, a run folder or a .safetensors file.",
            autocompletion=completion.models,
            show_default="newest suitable, finished run in ./runs",
            rich_help_panel=MODEL,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="An image file for a contact sheet, or a folder for one file each.",
            show_default="samples.DOMAIN.png",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    count: Annotated[
        int,
        typer.Option("--count", "-n", metavar="N", min=1, help="Number of images.", rich_help_panel=OUTPUT),
    ] = 16,
    between: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="A B", help="Interpolate between two images in latent space.", rich_help_panel=OUTPUT
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, help="Seed of the noise.", rich_help_panel=OUTPUT)
    ] = 0,
    mark: MarkOption = True,
    device: DeviceOption = "auto",
) -> None:
    """Generate images from noise, or interpolate between two images.

    Models of dcgan, wgan, vae-wgan and the cyclegan-vae recipes generate images from noise. Models with a
    latent code interpolate: between images of the other domain if they translate, or of the same domain if
    they reconstruct.

    Prints the path of each file it writes.

    Examples:
      s2f sample --to face --model runs/0001-dcgan
      s2f sample --to face --between anna.png bo.png -n 8 -o row.png
    """
    from s2f_cli.cli import model_choice
    from s2f_cli.core import images
    from s2f_cli.core.metadata import Metadata
    from s2f_cli.inference import sampling
    from s2f_cli.inference.translator import Translator

    if between:
        first, last = (images.read(path) for path in between)
        translator = Translator.open(model_choice.choose(model, to), device, engine="torch")
        results = sampling.interpolate(translator, first, last, to, count)
    else:
        translator = Translator.open(model_choice.choose(model, to, "samples"), device, engine="torch")
        results = sampling.sample(translator, to, count, seed)
    columns = count if between else round(count**0.5)
    metadata = Metadata(translator.card.mark() if mark else None)
    for file in _write(results, output or Path(f"samples.{to}.png"), columns, metadata):
        console.print_path(file)


def _write(results: list[Image.Image], output: Path, columns: int, metadata: Metadata) -> list[Path]:
    """Write a contact sheet, or a file each; return the files."""
    from s2f_cli.core import contact_sheet, formats, images

    if output.suffix.lower() in formats.WRITABLE and not output.is_dir():
        rows = [results[start : start + columns] for start in range(0, len(results), columns)]
        images.write(contact_sheet.grid(rows), output, metadata=metadata)
        return [output]
    files = [output / f"{number:04}.png" for number in range(1, len(results) + 1)]
    for image, file in zip(results, files, strict=True):
        images.write(image, file, metadata=metadata)
    return files
