"""What a step of each recipe costs at its real size, by hand:

    python tests/benchmarks/recipe_costs.py DATA [--steps 50] [--seconds S] [--precision bf16] [NAME …]

Prints the TOML that belongs into `docs/recipe_costs.toml`; a recipe whose losses are no numbers has failed.
Each recipe has its own process, whose peak memory is measured, and one thread of computation. The time is
that of the processor, all threads together, so that other work on the machine hardly counts; it leaves out
the first step, and is the mean over whole rounds where generators do not move in every step. Of several
stages the last one is run, which trains most. After `--seconds` of it a recipe is stopped; `steps` says how
far it came.
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
"""Equal in cost to ImageNet's, and always there."""


def last_stage(name: str) -> Recipe:
    """A recipe whose earlier stages are left out."""
    read = recipes.read(name, RANDOM_VGG if name == "vgg-ae" else ())
    *before, last = read.stages
    empty = [stage.model_copy(update={"steps": 0, "epochs": None}) for stage in before]
    return read.model_copy(update={"stages": (*empty, last)})


def measure(
    name: str, data: Path, steps: int, seconds: float, precision: Literal["fp32", "bf16"]
) -> dict[str, float]:
    """Steps done, CPU seconds a step, peak memory in GB, millions of parameters that are trained."""
    torch.set_num_threads(1)
    read, manifest = last_stage(name).with_length(steps=steps), Manifest.read(data)
    validate.check(read)
    compute = ComputeConfig(precision=precision)
    training = Training(read, lambda stage: Batches.of(read, stage, manifest), compute=compute)
    round_ = (read.stages[-1].objective.model_extra or {}).get("critic_steps", 1)
    marks = [time.process_time()]
    for report in training.run():
        marks.append(time.process_time())
        if not all(map(math.isfinite, report.losses().values())):
            raise ValueError(f"step {report.step}: {report.losses()}")
        if marks[-1] - marks[0] > seconds and report.step > 1 and (report.step - 1) % round_ == 0:
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
    parser.add_argument("--one", action="store_true", help="in this process, as JSON")
    return parser.parse_intermixed_args()


def main() -> None:
    given = arguments()
    if given.one:
        found = measure(given.names[0], given.data, given.steps, given.seconds, given.precision)
        print(json.dumps(found))
        return
    options = ["--steps", given.steps, "--seconds", given.seconds, "--precision", given.precision, "--one"]
    for name in given.names or recipes.names():
        line = [sys.executable, __file__, given.data, name, *options]
        done = subprocess.run(list(map(str, line)), capture_output=True, text=True)
        if done.returncode:
            print(f"# {name} failed: {(done.stderr.strip() or '?').splitlines()[-1]}", flush=True)
            continue
        print(f'\n[recipes.{name}]\nprecision = "{given.precision}"')
        for key, value in json.loads(done.stdout.splitlines()[-1]).items():
            print(f"{key} = {value}", flush=True)


if __name__ == "__main__":
    main()
