"""Measure the cost of a training step of each recipe at its own image and batch size. Run by hand:

    python tests/benchmarks/recipe_costs.py DATA [--steps 50] [--seconds S] [--precision bf16] [NAME …]

Prints TOML for `docs/recipe_costs.toml`; a recipe with a loss that is not finite has failed. Each recipe runs
in its own process, whose peak memory is measured, with one compute thread. The time is processor time of all
threads, so other load on the machine hardly matters. The first step is left out; if generators are not
updated in every step, the mean is over whole rounds. Of several stages the last one runs, which trains the
most networks. `--seconds` stops a recipe early; `steps` is the number of steps it took.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import torch

from s2f_cli.data.manifest import Manifest
from s2f_cli.models import recipes
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.training import validate
from s2f_cli.training.batches import Batches
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.loop import Training

RANDOM_VGG = ("networks.face_encoder.weights=random", "networks.sketch_encoder.weights=random")
"""They cost the same as ImageNet's weights, and need no download."""


def last_stage(name: str) -> Recipe:
    """A recipe whose earlier stages are skipped."""
    recipe = recipes.read(name, RANDOM_VGG if name == "vgg-ae" else ())
    *before, last = recipe.stages
    skipped = [stage.model_copy(update={"steps": 0, "epochs": None}) for stage in before]
    return recipe.model_copy(update={"stages": (*skipped, last)})


def measure(
    name: str, data: Path, steps: int, seconds: float, precision: Literal["fp32", "bf16"]
) -> dict[str, float]:
    """Measure one recipe: steps done, CPU seconds per step, peak GB, millions of trained parameters."""
    torch.set_num_threads(1)
    recipe, manifest = last_stage(name).with_length(steps=steps), Manifest.read(data)
    validate.check(recipe)
    compute = ComputeConfig(precision=precision)
    training = Training(recipe, lambda stage: Batches.of(recipe, stage, manifest), compute=compute)
    round_ = (recipe.stages[-1].objective.model_extra or {}).get("critic_steps", 1)
    marks = [time.process_time()]
    for result in training.run():
        marks.append(time.process_time())
        if not all(map(math.isfinite, result.losses().values())):
            raise ValueError(f"step {result.step}: {result.losses()}")
        if marks[-1] - marks[0] > seconds and result.step > 1 and (result.step - 1) % round_ == 0:
            break
    done = len(marks) - 1
    timed = (done - 1) // round_ * round_ or max(done - 1, 1)
    first = min(1, done - 1)
    trained = sum(p.numel() for p in training.networks.parameters() if p.requires_grad)
    return {
        "steps": done,
        "cpu_seconds_per_step": round((marks[first + timed] - marks[first]) / timed, 3),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "parameters_millions": round(trained / 1e6, 2),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--one", action="store_true", help="measure one recipe in this process, print JSON")
    return parser.parse_intermixed_args()


def main() -> None:
    options = arguments()
    if options.one:
        cost = measure(options.names[0], options.data, options.steps, options.seconds, options.precision)
        print(json.dumps(cost))
        return
    limits = ["--steps", options.steps, "--seconds", options.seconds]
    one = [*limits, "--precision", options.precision, "--one"]
    for name in options.names or recipes.names():
        line = [sys.executable, __file__, options.data, name, *one]
        done = subprocess.run(list(map(str, line)), capture_output=True, text=True)
        if done.returncode:
            print(f"# {name} failed: {(done.stderr.strip() or '?').splitlines()[-1]}", flush=True)
            continue
        print(f'\n[recipes.{name}]\nprecision = "{options.precision}"')
        for key, value in json.loads(done.stdout.splitlines()[-1]).items():
            print(f"{key} = {value}", flush=True)


if __name__ == "__main__":
    main()
