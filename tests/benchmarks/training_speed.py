"""Compare the cost of a training step with that of a plain loop. Run by hand:

    python tests/benchmarks/training_speed.py [--rounds 2] [--steps 3] [--recipes pix2pix …] [--data DATA]

Prints the table of `docs/performance.md`. Each side runs in its own process, whose peak memory is measured.
The sides alternate; the best median over the rounds counts. The first step is not timed.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from _plain_gans import CycleGAN, Pix2Pix
from torch.utils.flop_counter import FlopCounterMode

from s2f_cli.cli.console import markdown
from s2f_cli.core.processor import native_bf16
from s2f_cli.data.manifest import Manifest
from s2f_cli.models import recipes
from s2f_cli.training.batch import Batch
from s2f_cli.training.batches import Batches
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.loop import Training

ONE_WAY = [
    "directions.sketch=[]",
    'players.generators.trains=["to_face"]',
    'players.critics.trains=["face_critic"]',
]
BASELINES: dict[str, tuple[type, list[str]]] = {"cyclegan": (CycleGAN, []), "pix2pix": (Pix2Pix, ONE_WAY)}


class OneBatch:
    """The same noise at every step, so that no time goes into data."""

    epoch_images = 1000

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.face, self.sketch = torch.rand(2, 1, 3, 256, 256) * 2 - 1

    def epoch(self, step: int) -> int:
        return 0

    def stream(self, first: int, end: int, device: torch.device | None = None) -> Iterator[Batch]:
        for step in range(first, end):
            yield Batch(self.face, self.sketch, step=step)


def plain(name: str) -> Callable[[], None]:
    torch.manual_seed(0)
    model, data = BASELINES[name][0](), OneBatch()
    return lambda: model.step(data.sketch, data.face)


def ours(name: str, precision: str, compiled: bool) -> Callable[[], None]:
    recipe = recipes.read(name, BASELINES[name][1]).with_length(steps=1000)
    (stage,) = recipe.stages
    used = stage.trained | {role for role, table in recipe.networks.items() if table.part == "image_pool"}
    recipe = recipe.model_copy(update={"networks": {role: recipe.networks[role] for role in sorted(used)}})
    compute = ComputeConfig(precision, compile=compiled)  # type: ignore[arg-type]
    training = Training(recipe, lambda stage: OneBatch(), compute=compute)  # type: ignore[arg-type, return-value]
    reports = training.run()
    return lambda: next(reports) and None


def measure(step: Callable[[], None], steps: int) -> dict[str, float]:
    seconds = []
    with FlopCounterMode(display=False) as counter:
        step()
    for _ in range(steps):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"seconds": median(seconds), "gigabytes": peak, "gigaflops": counter.get_total_flops() / 1e9}


def attainable() -> dict[str, float]:
    """GFLOP/s of a 3×3 convolution of 256 channels at 64×64, forward: the middle of the ResNet."""
    rates = {}
    for name, kind in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        image = torch.randn(1, 256, 64, 64, dtype=kind).contiguous(memory_format=torch.channels_last)
        kernel = torch.randn(256, 256, 3, 3, dtype=kind).contiguous(memory_format=torch.channels_last)
        seconds = measure(lambda image=image, kernel=kernel: F.conv2d(image, kernel, padding=1), 20)[
            "seconds"
        ]
        rates[name] = 2 * 256 * 256 * 9 * 64 * 64 / seconds / 1e9
    return rates


def loading(name: str, data: Path) -> str:
    """Report the milliseconds per batch, when decoding files and from memory."""
    recipe = recipes.read(name, BASELINES[name][1])
    (stage,) = recipe.stages
    batches = Batches.of(recipe, stage, Manifest.read(data))
    count, times = min(batches.epoch_images, 50), []
    for first in (0, batches.epoch_images):
        start = time.perf_counter()
        for step in range(first, first + count):
            batches.at(step)
        times.append((time.perf_counter() - start) / count * 1e3)
    return f"{name}: a batch takes {times[0]:.1f} ms to decode, {times[1]:.1f} ms from memory"


def profile(step: Callable[[], None]) -> str:
    """A table of the time of a step by operation."""
    step()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        step()
    events = sorted(profiler.key_averages(), key=lambda e: -e.self_cpu_time_total)
    whole = sum(e.self_cpu_time_total for e in events)
    rows = [
        (e.key, str(e.count), f"{e.self_cpu_time_total / 1e3:.0f}", f"{e.self_cpu_time_total / whole:.0%}")
        for e in events[:12]
    ]
    return markdown(("operation", "calls", "ms", "share"), rows)


def child(side: str, recipe: str, *rest: str) -> dict[str, float]:
    words = [sys.executable, __file__, "--side", side, "--recipes", recipe, *rest]
    result = subprocess.run(words, check=True, capture_output=True, text=True, cwd=Path(__file__).parent)
    return json.loads(result.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument(
        "--precision", default="bf16" if native_bf16() else "fp32", help="default: the machine's"
    )
    parser.add_argument("--recipes", nargs="+", default=list(BASELINES))
    parser.add_argument("--side", choices=("plain", "ours", "rate"))
    parser.add_argument("--profile", action="store_true", help="with --side: print time by operation")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument(
        "--busy", action="store_true", help="for a busy machine: one thread, processor seconds"
    )
    parser.add_argument("--data", type=Path, help="also time the loading of this data set's images")
    options = parser.parse_args()
    if options.busy:
        torch.set_num_threads(1)
        time.perf_counter = time.process_time
    if options.side == "rate":
        print(json.dumps(attainable()))
        return
    if options.side:
        (name,) = options.recipes
        step = plain(name) if options.side == "plain" else ours(name, options.precision, options.compile)
        print(profile(step) if options.profile else json.dumps(measure(step, options.steps)))
        return
    steps = ["--steps", str(options.steps), "--precision", options.precision]
    steps += [f"--{name}" for name in ("compile", "busy") if getattr(options, name)]
    rates = child("rate", "pix2pix", *steps)
    rows = []
    for name in options.recipes:
        rounds = [(child("plain", name, *steps), child("ours", name, *steps)) for _ in range(options.rounds)]
        peer, own = (min((r[side] for r in rounds), key=lambda m: m["seconds"]) for side in (0, 1))
        floor = own["gigaflops"] / rates["bf16" if options.precision == "bf16" else "fp32"]
        rows.append(
            (
                name,
                f"{peer['seconds']:.2f}",
                f"{own['seconds']:.2f}",
                f"{own['seconds'] / peer['seconds']:.2f}",
                f"{floor:.2f}",
                f"{peer['gigabytes']:.2f}",
                f"{own['gigabytes']:.2f}",
            )
        )
    print(
        f"{torch.get_num_threads()} threads, torch {torch.__version__}, {options.precision}; attainable "
        + ", ".join(f"{rate:.0f} GFLOP/s {kind}" for kind, rate in rates.items())
    )
    if options.data:
        print("\n".join(loading(name, options.data) for name in options.recipes))
    print(markdown(("recipe", "plain s", "s2f s", "ratio", "floor s", "plain GB", "s2f GB"), rows))


if __name__ == "__main__":
    main()
