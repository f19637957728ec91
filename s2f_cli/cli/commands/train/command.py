"""`s2f train`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import console


class PrecisionChoice(StrEnum):
    """The arithmetic of networks in training."""

    auto = "auto"
    fp32 = "fp32"
    bf16 = "bf16"
    fp16 = "fp16"


class Engine(StrEnum):
    """Where the runs of a sweep are trained."""

    local = "local"
    ray = "ray"


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
        PrecisionChoice,
        typer.Option(help="auto is bf16 where the device has it; on a CPU fp32 with gradient penalties."),
    ] = PrecisionChoice.auto,
    accumulate: Annotated[
        int, typer.Option(min=1, help="Put a batch through the networks in so many pieces, to save memory.")
    ] = 1,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Only operations that give the same bits each time.")
    ] = False,
    compile_: Annotated[
        bool, typer.Option("--compile", help="torch.compile: a slow start, then faster on a GPU.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on exactly where the run in --output (or the newest one) stopped."),
    ] = False,
    init_from: Annotated[
        Path | None,
        typer.Option(
            help="Start from the weights of a bundle, run folder or name of `s2f models`, as far as they fit."
        ),
    ] = None,
    save_every: Annotated[
        int, typer.Option(min=1, help="Save after so many steps (and every five minutes).")
    ] = 500,
    keep_every: Annotated[
        int | None, typer.Option(min=1, help="Also keep a copy of the model after so many steps, in kept/.")
    ] = None,
    sample_every: Annotated[int, typer.Option(min=1, help="Write a sample grid after so many steps.")] = 250,
    best_by: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC[:DOMAIN]",
            help="Keep the best model by a score, like ssim:face.",
            show_default=False,
        ),
    ] = None,
    evaluate_every: Annotated[
        int | None, typer.Option(min=1, help="Score it after so many steps. [default: 500]")
    ] = None,
    evaluate_on: Annotated[
        str | None, typer.Option(metavar="SPLIT", help="Score it on a split. [default: val, else test]")
    ] = None,
    patience: Annotated[
        int | None, typer.Option(min=1, help="Stop early after so many evaluations that were no better.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show networks, memory and time, check the data; write nothing."),
    ] = False,
    sweep: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=V1,V2,…", help="Train each of these values of a recipe's key; repeatable."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Train each setting of a sweep with so many seeds.")] = 1,
    engine: Annotated[
        Engine, typer.Option(help="Where a sweep runs: here, or as trials of Ray Tune (extra ray).")
    ] = Engine.local,
) -> None:
    """Train a recipe on a prepared data set; Ctrl-C saves first, --resume goes on exactly there."""
    from s2f_cli.cli.commands.train.request import TrainRequest
    from s2f_cli.cli.commands.train.session import Session
    from s2f_cli.core import distributed
    from s2f_cli.inference.translator import choose_device
    from s2f_cli.models import locate

    if resume and init_from:
        raise typer.BadParameter("a resumed run goes on from its own weights: leave out --init-from")
    order = TrainRequest(
        recipe=recipe,
        data=data,
        output=output,
        steps=steps,
        epochs=epochs,
        overrides=tuple(overrides or ()),
        seed=seed,
        device=device,
        precision=precision.value,
        accumulate=accumulate,
        deterministic=deterministic,
        compile=compile_,
        resume=resume,
        init_from=locate.by_name(init_from) if init_from else None,
        save_every=save_every,
        keep_every=keep_every,
        sample_every=sample_every,
        best_by=best_by,
        evaluate_every=evaluate_every,
        evaluate_on=evaluate_on,
        patience=patience,
    )
    with distributed.joined(choose_device(device)) as place:
        if sweep or seeds > 1:
            from s2f_cli.cli.commands.train.sweep import train_all

            train_all(order, sweep or [], seeds, place, engine is Engine.ray)
            return
        session = Session(order, place)
        if dry_run:
            from s2f_cli.cli.commands.train.dry_run import rehearse

            rehearse(session)
            return
        session.begin()
        session.drive()
        if session.lead:
            console.print_path(session.run.folder)
