"""`s2f train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from s2f_cli.cli import completion, console
from s2f_cli.cli.options import DATA, HARDWARE, LENGTH, SAVING, SCORING, SWEEPS, DataOption, DeviceOption
from s2f_cli.training.request import (
    EVALUATE_EVERY,
    SAMPLE_EVERY,
    SAVE_EVERY,
    PrecisionChoice,
    TrainRequest,
)

RECIPE = "Recipe"


def _check_seed(seed: int | None) -> int | None:
    if seed is not None and seed >= 2**63:
        raise typer.BadParameter("a seed must be less than 2^63")
    return seed


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="A name of `s2f recipes`, or a .toml file.",
            show_default=False,
            autocompletion=completion.recipes,
        ),
    ],
    data: DataOption = Path("data"),
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="The run folder.",
            show_default="next in ./runs",
            rich_help_panel=DATA,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Continue the run in --output, or the newest.", rich_help_panel=DATA),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Only show networks, memory and time, in seconds.", rich_help_panel=DATA
        ),
    ] = False,
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Steps of each stage.", show_default="recipe's", rich_help_panel=LENGTH
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Epochs of each stage.", show_default="recipe's", rich_help_panel=LENGTH
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="COST",
            help="Fit the length to a cost: 20m or 2h of processor time, 3000steps, 200000images.",
            rich_help_panel=LENGTH,
        ),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change a recipe key; repeatable.", rich_help_panel=RECIPE
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            callback=_check_seed,
            help="Random seed.",
            show_default="0",
            rich_help_panel=RECIPE,
        ),
    ] = None,
    init_from: Annotated[
        Path | None,
        typer.Option(
            "--init-from",
            "--from",
            metavar="MODEL",
            help="Start from the weights of a model file, run, name or hf://owner/name.",
            rich_help_panel=RECIPE,
            autocompletion=completion.models,
        ),
    ] = None,
    device: DeviceOption = "auto",
    precision: Annotated[
        PrecisionChoice,
        typer.Option(
            metavar="TYPE",
            help="fp32, bf16 or fp16; auto takes bf16 where it is fast and safe.",
            rich_help_panel=HARDWARE,
        ),
    ] = "auto",
    accumulate: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="Split batches into N parts, to save memory.", rich_help_panel=HARDWARE
        ),
    ] = 1,
    deterministic: Annotated[
        bool,
        typer.Option("--deterministic", help="Use only deterministic operations.", rich_help_panel=HARDWARE),
    ] = False,
    compile_: Annotated[
        bool,
        typer.Option(
            "--compile", help="Use torch.compile: slow start, faster on a GPU.", rich_help_panel=HARDWARE
        ),
    ] = False,
    save_every: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="Steps between saves (at most 5 minutes apart).", rich_help_panel=SAVING
        ),
    ] = SAVE_EVERY,
    keep_every: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Steps between copies in kept/.", rich_help_panel=SAVING),
    ] = None,
    sample_every: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Steps between sample grids.", rich_help_panel=SAVING),
    ] = SAMPLE_EVERY,
    best_by: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC",
            help="Keep the best model by a score: ssim, or ssim:face for one domain.",
            rich_help_panel=SCORING,
        ),
    ] = None,
    evaluate_every: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Steps between evaluations.",
            show_default=str(EVALUATE_EVERY),
            rich_help_panel=SCORING,
        ),
    ] = None,
    evaluate_on: Annotated[
        str | None,
        typer.Option(
            metavar="SPLIT",
            help="The split to score on.",
            show_default="val, else test",
            rich_help_panel=SCORING,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Stop after N evaluations without a better score.",
            rich_help_panel=SCORING,
        ),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=V1,V2", help="Train each value of a recipe key; repeatable.", rich_help_panel=SWEEPS
        ),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Seeds per setting of a sweep.", rich_help_panel=SWEEPS),
    ] = 1,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(
            metavar="ENGINE", help="local, or ray for Ray Tune (extra ray).", rich_help_panel=SWEEPS
        ),
    ] = "local",
) -> None:
    """Train a recipe on a prepared data set.

    Writes a run folder with the model, samples and logs, and prints its path. Ctrl-C finishes the step and
    saves; --resume then continues bit-exactly.

    Examples:
      s2f train cyclegan-unet
      s2f train cyclegan-unet --resume
      s2f train pix2pix --steps 2000 --set batch_size=4
      s2f train pix2pix --best-by ssim:face --patience 5
      s2f train pix2pix --sweep weights.distance=50,100 --seeds 3
    """
    from s2f_cli.core import distributed
    from s2f_cli.inference.torch_engine import choose_device

    if budget and (steps or epochs):
        raise typer.BadParameter("--budget sets the length: leave out --steps and --epochs")
    if resume and init_from:
        raise typer.BadParameter("a resumed run continues with its own weights: leave out --init-from")
    request = TrainRequest(
        recipe=recipe,
        data=data,
        output=output,
        steps=steps,
        epochs=epochs,
        budget=budget,
        overrides=tuple(overrides or ()),
        seed=seed,
        device=device,
        precision=precision,
        accumulate=accumulate,
        deterministic=deterministic,
        compile=compile_,
        resume=resume,
        init_from=init_from,
        save_every=save_every,
        keep_every=keep_every,
        sample_every=sample_every,
        best_by=best_by,
        evaluate_every=evaluate_every,
        evaluate_on=evaluate_on,
        patience=patience,
    )
    with distributed.joined(choose_device(device)) as own_device:
        if sweep or seeds > 1:
            from s2f_cli.cli.commands.train.sweep import train_all

            train_all(request, sweep or [], seeds, own_device, on_ray=engine == "ray")
        elif dry_run:
            from s2f_cli.cli.commands.train.dry_run import show
            from s2f_cli.evaluation.scored_training import open_trainer

            show(open_trainer(request, own_device))
        else:
            from s2f_cli.cli.commands.train.forecast import open_with_forecast
            from s2f_cli.cli.commands.train.render import train_and_show

            folder = train_and_show(open_with_forecast(request, own_device))
            if distributed.rank() == 0:
                console.print_path(folder)
