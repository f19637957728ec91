"""`s2f demo`."""

import contextlib
import io
import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from s2f_cli.cli import completion, console, options
from s2f_cli.core.errors import S2FError
from s2f_cli.core.files import atomic_write

if TYPE_CHECKING:
    from PIL import Image

RECIPE, STEPS = "unet-pairs", 200
SMALL = (
    "image.size=64",
    "players.translators.learning_rate=0.002",
    "players.translators.schedule.part=cosine",
)
"""Overrides with which `RECIPE` learns to draw the faces of the demo in a minute."""


@dataclass(frozen=True)
class _Part:
    """A command of the demo."""

    title: str
    words: Sequence[object]
    seconds: float | None
    """Its duration on one core with AVX2; None if it is unknown."""


def demo(
    context: typer.Context,
    output: options.OutputFolderOption = Path("demo"),
    recipe: Annotated[
        str,
        typer.Option(
            metavar="RECIPE",
            help="The recipe to train.",
            rich_help_panel=options.TRAINING,
            autocompletion=completion.recipes,
        ),
    ] = RECIPE,
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Number of training steps.",
            show_default=f"{STEPS}, or those of RECIPE",
            rich_help_panel=options.TRAINING,
        ),
    ] = None,
) -> None:
    """Sketch a photo; then prepare, train, translate and evaluate on drawn faces; no download, no GPU.

    The training is small and takes a minute. Shows each command before running it, and how long it takes.
    Leaves images and a score table in the output folder. Repeat an interrupted demo to resume it.

    Examples:
        s2f demo
        s2f demo --steps 1000 --output longer
    """
    from s2f_cli.core import images

    photo, scores = output / "photo.png", output / "scores.md"
    if not _is_free(output, photo):
        raise S2FError(f"{output} holds files of something else", "choose another folder with --output")
    output.mkdir(parents=True, exist_ok=True)
    images.write(_photo(), photo)
    table = _run_all(context, list(_parts(output, photo, recipe, steps)))
    atomic_write(scores, table)
    for line in ["", *table.splitlines(), "", "images and scores:"]:
        console.say(line)
    for result in (photo.with_suffix(".sketch.png"), output / "sketch.png", output / "face.png", scores):
        console.print_path(result)


def _is_free(output: Path, photo: Path) -> bool:
    """Whether a folder does not exist, is empty, or holds a demo, which begins with its photo."""
    from s2f_cli.core import images

    if photo.is_file():
        return images.read(photo).tobytes() == _photo().tobytes()
    return not output.is_dir() or not any(output.iterdir())


def _photo() -> "Image.Image":
    """The photo of an astronaut that comes with scikit-image, 512×512 RGB."""
    from PIL import Image
    from skimage import data

    return Image.fromarray(data.astronaut())


def _parts(output: Path, photo: Path, recipe: str, steps: int | None) -> Iterator[_Part]:
    data, run, default = output / "data", output / "run", recipe == RECIPE
    length = steps or (STEPS if default else None)
    training = ["train", recipe, "--data", data, "--output", run]
    if default:
        training += [word for override in SMALL for word in ("--set", override)]
    if length:
        training += ["--steps", length]
    if (run / "run.json").exists():
        training.append("--resume")

    shipped = ["translate", "--to", "sketch", photo, "--model", "face-to-sketch", "--overwrite"]
    yield _Part("a sketch by a model that ships with s2f", shipped, 4)
    if not data.exists():
        yield _Part("a data set of drawn faces", ["prepare", "demo", "--output", data], 5)
    yield _Part("a small training", training, 0.3 * length if default and length else None)
    for to, inputs in (("sketch", data / "test" / "face"), ("face", data / "test" / "sketch")):
        made = ["--output", output / f"made-{to}", "--overwrite", "--sheet", output / f"{to}.png"]
        yield _Part(f"a {to} of each test image", ["translate", "--to", to, inputs, "--model", run, *made], 2)
    scoring = ["evaluate", run, "--data", data, "--metric", "ssim,mse", "--markdown"]
    yield _Part("scores of the new model", scoring, 2)


def _run_all(context: typer.Context, parts: Sequence[_Part]) -> str:
    """Run the commands; return the stdout of the last. Later estimates follow the speed of what is done."""
    stdout, expected, taken = "", 0.0, 0.0
    for number, part in enumerate(parts, start=1):
        factor = taken / expected if expected else 1.0
        console.say("")
        console.say(f"[{number}/{len(parts)}] {part.title}{_duration([part], factor)}")
        if later := parts[number:]:
            console.say(f"then {len(later)} more{_duration(later, factor)}")
        start = time.monotonic()
        stdout = _run(context, part.words)
        if part.seconds:
            expected += part.seconds
            taken += time.monotonic() - start
        if number == 1:
            console.say(f"a first picture: {stdout.strip()}")
    return stdout


def _duration(parts: Sequence[_Part], factor: float) -> str:
    seconds = [part.seconds for part in parts]
    known = [value for value in seconds if value is not None]
    return f", about {console.duration(factor * sum(known))}" if len(known) == len(seconds) else ""


def _run(context: typer.Context, words: Sequence[object]) -> str:
    """Show and run an `s2f` command; returns its stdout, and exits with its exit code if that is not 0."""
    line = [str(word) for word in words]
    console.say(f"$ s2f {shlex.join(line)}")
    stdout = io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(stdout, "utf-8", newline="", write_through=True)):
        code = context.obj(line[0])(line, prog_name="s2f", standalone_mode=False)
        if code:
            raise typer.Exit(code)
        return stdout.getvalue().decode()
