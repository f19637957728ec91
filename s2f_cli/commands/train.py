"""`s2f train`."""

from __future__ import annotations

import shlex
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from s2f_cli import console

if TYPE_CHECKING:
    from s2f_cli.commands._judging import Judging
    from s2f_cli.manifest import Manifest
    from s2f_cli.recipe_tables import Recipe, Stage
    from s2f_cli.runs import Run, Settings
    from s2f_cli.training import Training

SAMPLES = 6
"""How many people of the data set a sample grid shows."""
SAVE_EVERY, SAMPLE_EVERY = 500, 250
"""Steps from one save, or sample grid, to the next."""
EVALUATE_EVERY = 500
"""Steps from one evaluation to the next, where one was asked for."""
SAVE_SECONDS = 300
"""A state is saved at the latest after so many seconds."""


class PrecisionChoice(StrEnum):
    """The arithmetic of networks in training."""

    auto = "auto"
    fp32 = "fp32"
    bf16 = "bf16"


def train(
    recipe: Annotated[
        str, typer.Argument(help="A recipe's name (see `s2f recipes`) or a .toml file.", show_default=False)
    ],
    data: Annotated[Path, typer.Option(help="The prepared data set.")] = Path("data"),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The run folder. [default: the next number in ./runs]"),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of each stage, instead of the recipe's.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs of each stage, instead of the recipe's.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe's key; repeatable."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**63 - 1, help="The seed of everything random. [default: 0]")
    ] = None,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1, mps; auto takes the GPU if there is one.")
    ] = "auto",
    precision: Annotated[
        PrecisionChoice, typer.Option(help="auto is bf16 on a GPU and fp32 on a CPU.")
    ] = PrecisionChoice.auto,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on exactly where the run in --output (or the newest one) stopped."),
    ] = False,
    init_from: Annotated[
        Path | None,
        typer.Option(help="Start from the weights of a bundle or run folder, as far as they fit."),
    ] = None,
    save_every: Annotated[
        int, typer.Option(min=1, help="Save after so many steps (and every five minutes).")
    ] = SAVE_EVERY,
    sample_every: Annotated[
        int, typer.Option(min=1, help="Write a sample grid after so many steps.")
    ] = SAMPLE_EVERY,
    best_by: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC[:DOMAIN]",
            help="Keep the best model by a score, like ssim:face.",
            show_default=False,
        ),
    ] = None,
    evaluate_every: Annotated[
        int | None, typer.Option(min=1, help=f"Score it after so many steps. [default: {EVALUATE_EVERY}]")
    ] = None,
    evaluate_on: Annotated[
        str | None, typer.Option(metavar="SPLIT", help="Score it on a split. [default: val, else test]")
    ] = None,
) -> None:
    """Train a recipe on a prepared data set; Ctrl-C saves first, --resume goes on exactly there."""
    from s2f_cli import recipe as recipes
    from s2f_cli import runs
    from s2f_cli.batches import Batches
    from s2f_cli.commands._judging import Judging
    from s2f_cli.evaluation.choosing import Judge
    from s2f_cli.manifest import Manifest
    from s2f_cli.training import Training
    from s2f_cli.translator import choose_device

    if resume and init_from:
        raise typer.BadParameter("a resumed run goes on from its own weights: leave out --init-from")
    wanted = recipes.read(recipe, overrides or ())
    manifest = Manifest.read(data)
    judged = best_by or evaluate_every or evaluate_on
    judge = (
        Judge(manifest, tuple(wanted.directions), best_by or "ssim", evaluate_on or "") if judged else None
    )
    place = choose_device(device)
    exact = precision.value
    if resume:
        run = runs.Run.open(output or runs.unfinished(wanted.name))
        run = _continued(
            run, wanted if overrides else None, wanted.name, manifest, seed, exact, steps, epochs
        )
    else:
        if exact == "auto":
            exact = "bf16" if place.type == "cuda" else "fp32"
        settings = _settings(wanted.lasting(steps, epochs), seed or 0, exact, data, manifest, init_from)
        recipes.check(settings.recipe)
        run = runs.Run(output or runs.fresh_folder(wanted.name), settings)

    image = run.settings.recipe.image

    def batches(stage: Stage) -> Batches:
        return Batches(
            manifest,
            "train",
            pairing=stage.data.pairing,
            domains=stage.data.domains,
            size={domain: image.side(domain) for domain in stage.data.domains},
            fit=image.fit,
            channels=image.channels,
            batch_size=stage.batch_size,
            augment=stage.data.augment,
            seed=run.settings.seed,
        )

    training = Training(
        run.settings.recipe,
        batches,
        seed=run.settings.seed,
        device=str(place),
        precision=run.settings.precision,  # type: ignore[arg-type]
    )
    if resume:
        state = run.load()
        if state is not None:
            training.restore(state)
        run.rewind(training.step)
        console.say(f"resuming {run.folder} at step {training.step} of {training.total} on {place}")
    else:
        if init_from:
            _initialise(training, init_from)
        run = runs.Run.create(run.folder, run.settings)
        console.say(f"training {wanted.name} into {run.folder} on {place}, {training.total} steps")
    again = ["s2f", "train", recipe, "--output", str(run.folder), "--resume"]
    for flag, value, usual in (
        ("--data", str(data), "data"),
        ("--device", device, "auto"),
        ("--save-every", str(save_every), str(SAVE_EVERY)),
        ("--sample-every", str(sample_every), str(SAMPLE_EVERY)),
        ("--best-by", best_by, None),
        ("--evaluate-every", evaluate_every and str(evaluate_every), None),
        ("--evaluate-on", evaluate_on, None),
    ):
        again += [flag, value] if value and value != usual else []
    judging = Judging(run, judge, evaluate_every or EVALUATE_EVERY) if judge else None
    _drive(run, training, manifest, save_every, sample_every, shlex.join(again), judging)
    console.print_path(run.folder)


def _initialise(training: Training, path: Path) -> None:
    """Take over what fits of another model's weights, and say on stderr what did."""
    from s2f_cli.transfer import transfer, weights_of

    matches = transfer(training.networks, weights_of(path))
    rows = [tuple(map(str, match)) for match in matches]
    console.err.print(
        console.table(f"weights of {path}", ("role", "taken", "of another shape", "not there"), rows)
    )


def _settings(
    recipe: Recipe, seed: int, precision: str, data: Path, manifest: Manifest, init_from: Path | None
) -> Settings:
    from s2f_cli.runs import Settings

    return Settings(
        recipe=recipe,
        seed=seed,
        precision=precision,
        data=str(data),
        data_source=f"{manifest.header.source}, {manifest.header.split}".rstrip(", "),
        data_digest=manifest.digest(),
        data_licence=manifest.header.licence,
        init_from=str(init_from or ""),
    )


def _continued(
    run: Run,
    overridden: Recipe | None,
    name: str,
    manifest: Manifest,
    seed: int | None,
    precision: str,
    steps: int | None,
    epochs: int | None,
) -> Run:
    """The run with its length changed as asked; raises RunError when anything else is asked to differ."""
    from s2f_cli.errors import RunError
    from s2f_cli.runs import Run

    old = run.settings
    same_length = {"steps": 1}
    asked: dict[str, tuple[Any, Any]] = {
        "recipe": (old.recipe.name, name),
        "seed": (old.seed, old.seed if seed is None else seed),
        "precision": (old.precision, old.precision if precision == "auto" else precision),
        "data": (old.data_digest, manifest.digest()),
    }
    if overridden is not None:
        asked["--set"] = (old.recipe.lasting(**same_length), overridden.lasting(**same_length))
    for key, (was, now) in asked.items():
        if was != now:
            told = f" ({was}, not {now})" if key in ("recipe", "seed", "precision") else ""
            raise RunError(
                f"{run.folder} was started with another {key}{told}, so going on would not be the same run",
                f"leave out --{key.strip('-')}, or start a new run without --resume"
                if key != "data"
                else f"restore the data set in {old.data}, or start a new run without --resume",
            )
    return Run(run.folder, old.model_copy(update={"recipe": old.recipe.lasting(steps, epochs)}))


def _drive(
    run: Run,
    training: Training,
    manifest: Manifest,
    save_every: int,
    sample_every: int,
    again: str,
    judging: Judging | None = None,
) -> None:
    """Run the training to its end or to Ctrl-C, drawing, logging, sampling, judging and saving.

    `again` is the command that goes on after Ctrl-C.
    """
    from torch.utils.tensorboard import SummaryWriter

    from s2f_cli import images
    from s2f_cli.commands._display import TrainingDisplay
    from s2f_cli.sampling import sample_sheet
    from s2f_cli.translator import Translator

    log_every = max(1, min(10, training.total // 100))
    last_save = time.monotonic()

    def save() -> None:
        # The model goes first, so that no kill can leave a finished state beside an older model.
        run.save_bundle(training.model, training.step)
        run.save(training.state())

    with (
        _gentle_stop() as stopped,
        SummaryWriter(str(run.folder), purge_step=training.step + 1) as board,
        TrainingDisplay(run.settings.recipe.name, training.step, training.total) as display,
    ):
        if judging and not training.step:
            judging.after(training, board)
        for report in training.run():
            last = report.step == training.total
            losses = report.losses() if last or report.step % log_every == 0 else None
            display.step(report.step, report.epoch, report.stage, report.images, losses)
            if losses is not None:
                run.log({"step": report.step, "stage": report.stage, "epoch": report.epoch, **losses})
                for name, value in losses.items():
                    board.add_scalar(name, value, report.step)
                board.add_scalar("images per second", display.images_per_second, report.step)
            if last or report.step % sample_every == 0:
                shown = Translator(training.model, run.card(report.step), str(training.device))
                grid = sample_sheet(shown, manifest, SAMPLES)
                images.write(grid, run.folder / "samples" / f"{report.step:06}.png")
                board.add_image("samples", images.to_bytes(grid, 3), report.step)
            if judging:
                judging.after(training, board)
            stopping = stopped.is_set()
            if last or stopping or report.step % save_every == 0 or _overdue(last_save):
                save()
                last_save = time.monotonic()
            if stopping and not last:
                console.say(f"stopped at step {report.step} of {training.total}, saved; go on with: {again}")
                raise typer.Exit(console.INTERRUPTED)
        if not run.bundle.exists():
            save()
    if judging:
        judging.tell()


def _overdue(last_save: float) -> bool:
    return time.monotonic() - last_save > SAVE_SECONDS


@contextmanager
def _gentle_stop() -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM set the event, so that the step is finished and saved; a second stops at once."""
    stopped = threading.Event()

    def ask(number: int, frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        console.say("stopping after this step …")

    before = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
