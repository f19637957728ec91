"""`s2f train --dry-run`: what a training would be, found out without writing anything."""

import sys
import time

import torch

from s2f_cli.cli import console
from s2f_cli.cli.commands.train.session import Session
from s2f_cli.core import images
from s2f_cli.core.errors import S2FError

STEPS = 3
"""How many steps are played; the first warms up and does not count."""


def rehearse(session: Session) -> None:
    """Print networks, steps, memory and time, read every training image, and play a few steps.

    Raises S2FError as the training would; exits 1 when an image cannot be read.
    """
    training, recipe = session.training, session.run.settings.recipe
    trained = frozenset(role for stage in recipe.stages for role in stage.trained)
    rows = [
        (role, recipe.networks[role].part, f"{_millions(network):.2f}", "yes" if role in trained else "no")
        for role, network in training.networks.items()
    ]
    console.out.print(
        console.table(f"networks of {recipe.name}", ("role", "part", "million parameters", "trained"), rows)
    )
    failures = _unreadable(session)
    seconds, played = [], training.run()
    for _ in range(min(STEPS, training.total - training.step)):
        start = time.perf_counter()
        next(played)
        seconds.append(time.perf_counter() - start)
    each = min(seconds[1:] or seconds or [0.0])
    told = {
        "steps": f"{training.total} in {len(recipe.stages)} stage{'s' * (len(recipe.stages) > 1)}",
        "precision": f"{session.run.settings.precision} on {session.device}",
        "seconds per step": f"{each:.3g}",
        "time": _duration(each * training.total),
        "peak memory": _peak(session.device),
        "data": f"{len(session.manifest.having('train', 'face'))} faces, "
        f"{len(session.manifest.having('train', 'sketch'))} sketches, "
        f"{len(session.manifest.pairs('train'))} pairs in the split train",
    }
    console.out.print(console.table("", ("what", "value"), list(told.items()), numbers=False))
    console.end_batch(failures)


def _millions(network: torch.nn.Module) -> float:
    return sum(p.numel() for p in network.parameters()) / 1e6


def _unreadable(session: Session) -> dict[str, str]:
    """The images of the train and test splits that cannot be read, with the reason."""
    manifest = session.manifest
    files = [
        manifest.path(entry, domain)
        for split in ("train", "test")
        for domain in images.DOMAINS
        for entry in manifest.having(split, domain)
    ]
    failures: dict[str, str] = {}
    with console.progress() as bar:
        for file in bar.track(files, description="reading the data"):
            try:
                images.read(file)
            except S2FError as problem:
                failures[str(file)] = problem.message
    return failures


def _peak(device: torch.device) -> str:
    """The memory used at most, of a GPU or of this process."""
    if device.type == "cuda":
        return f"{torch.cuda.max_memory_allocated(device) / 2**30:.2f} GB"
    try:
        import resource
    except ImportError:
        return "not told on this system"
    unit = 1 if sys.platform == "darwin" else 1024
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30:.2f} GB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
