"""`s2f train --dry-run`."""

from s2f_cli.cli import console
from s2f_cli.cli.commands.train.forecast import seconds_per_step
from s2f_cli.data.manifest import Manifest
from s2f_cli.training import dry_run
from s2f_cli.training.trainer import Trainer


def show(trainer: Trainer) -> None:
    """Print networks, steps, time and memory, and read images for some seconds; each of few, some of many.

    Raises S2FError as the training would; exits 1 if an image cannot be read.
    """
    recipe, manifest = trainer.run_folder.settings.recipe, trainer.manifest
    rows = [
        (size.role, size.part, f"{size.parameters / 1e6:.2f}", "yes" if size.trained else "no")
        for size in dry_run.network_sizes(trainer)
    ]
    columns = ("role", "part", "million parameters", "trained")
    console.out.print(console.table(f"networks of {recipe.name}", columns, rows))
    failures, read = _unreadable(manifest)
    cost, stages = dry_run.measure(trainer), len(recipe.stages)
    peak = "unknown on this system" if cost.peak_bytes is None else f"{cost.peak_bytes / 2**30:.2f} GB"
    values = {
        "steps": f"{cost.steps} in {stages} stage{'s' * (stages > 1)}",
        "precision": f"{trainer.run_folder.settings.precision} on {trainer.device}",
        "seconds per step": seconds_per_step(cost),
        "time": console.duration(cost.seconds),
        "peak memory": peak,
        "training data": f"{len(manifest.having('train', 'face'))} faces, "
        f"{len(manifest.having('train', 'sketch'))} sketches, {len(manifest.pairs('train'))} pairs",
        "images read": read,
    }
    console.out.print(console.table("", ("", "value"), list(values.items()), numbers=False))
    console.end_batch(failures)


def _unreadable(manifest: Manifest) -> tuple[dict[str, str], str]:
    """The images that cannot be read, with the reasons; and how many were read."""
    files = dry_run.images_used(manifest)
    with console.progress() as bar:
        outcomes = list(
            bar.track(dry_run.read_errors(files), total=len(files), description="reading the data")
        )
    return {str(file): problem for file, problem in outcomes if problem}, f"{len(outcomes)} of {len(files)}"
