"""`s2f sample`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli.cli import console

if TYPE_CHECKING:
    from PIL import Image


def sample(
    to: Annotated[Literal["face", "sketch"], typer.Option(help="What to make.", show_default=False)],
    model: Annotated[
        str | None,
        typer.Option(
            help="A bundle, a run folder, or a name of `s2f models`. "
            "[default: the newest run in ./runs that can do it]"
        ),
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many images.")] = 16,
    between: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="On the way from one image to another, through the model's code."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="An image file for a sheet of all, or a folder for one file each. "
            "[default: samples.face.png or samples.sketch.png]",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the noise.")] = 0,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1, mps; auto takes the GPU if there is one.")
    ] = "auto",
) -> None:
    """Make images of a model that draws them: out of noise, or on the way between two images.

    Out of noise: models of dcgan, wgan, vae-wgan and the cyclegan-vae recipes. Between two images: models
    with a code in their middle; the images are of the other domain where the model translates, of the same
    one where it reconstructs. Prints the path of each file it wrote.
    """
    from s2f_cli.cli import model_choice
    from s2f_cli.core import images
    from s2f_cli.inference import sampling
    from s2f_cli.inference.translator import Translator

    if between:
        first, last = (images.read(path) for path in between)
        translator = Translator.open(model_choice.choose(model, to), device)
        made = sampling.between(translator, first, last, to, count)
    else:
        translator = Translator.open(model_choice.choose(model, to, "samples"), device)
        made = sampling.sample(translator, to, count, seed)
    for file in _write(made, output or Path(f"samples.{to}.png"), row=bool(between)):
        console.print_path(file)


def _write(made: list[Image.Image], output: Path, row: bool) -> list[Path]:
    """One sheet, as a square or as a row, or a file each."""
    from s2f_cli.core import contact_sheet, images

    if output.suffix.lower() in images.SUFFIXES and not output.is_dir():
        width = len(made) if row else round(len(made) ** 0.5)
        images.write(contact_sheet.grid([made[i : i + width] for i in range(0, len(made), width)]), output)
        return [output]
    files = [output / f"{number:04}.png" for number in range(1, len(made) + 1)]
    for image, file in zip(made, files, strict=True):
        images.write(image, file)
    return files
