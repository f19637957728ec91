"""What a step of each recipe costs at its real size, by hand:

    python tests/benchmarks/recipe_costs.py DATA [STEPS] [NAME …]

Prints the TOML that belongs into `docs/recipe_costs.toml`. Each recipe has its own process, whose peak memory
is measured; the first step is left out of the time.
"""

import json
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import torch

from s2f_cli import recipe
from s2f_cli.batches import Batches
from s2f_cli.manifest import Manifest
from s2f_cli.training import Training

RANDOM_VGG = ["networks.face_encoder.weights=random", "networks.sketch_encoder.weights=random"]
"""Equal in cost to ImageNet's, and always there."""


def measure(name: str, data: Path, steps: int) -> dict[str, float]:
    """Seconds a step, peak memory in GB, millions of trained parameters; of the first stage."""
    read = recipe.read(name, RANDOM_VGG if name == "vgg-ae" else []).lasting(steps=steps)
    recipe.check(read)
    image, manifest = read.image, Manifest.read(data)
    training = Training(
        read,
        lambda stage: Batches(
            manifest,
            "train",
            pairing=stage.data.pairing,
            domains=stage.data.domains,
            size={domain: image.side(domain) for domain in stage.data.domains},
            fit=image.fit,
            channels=image.channels,
            batch_size=stage.batch_size,
            augment=stage.data.augment,
        ),
    )
    marks = [time.perf_counter()]
    for report in training.run():
        marks.append(time.perf_counter())
        if report.step == steps:
            break
    trained = sum(p.numel() for p in training.networks.parameters() if p.requires_grad)
    first = 1 if steps > 1 else 0
    return {
        "seconds_per_step": round((marks[-1] - marks[first]) / (steps - first), 3),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "parameters_millions": round(trained / 1e6, 2),
    }


def main() -> None:
    data, steps = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50
    machine = platform.processor() or platform.machine()
    print(f'machine = "{machine}, {torch.get_num_threads()} threads, {steps} steps"')
    for name in sys.argv[3:] or recipe.names():
        line = [sys.executable, __file__, "--one", name, str(data), str(steps)]
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode:
            print(f"# {name} failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        print(f"\n[recipes.{name}]")
        for key, value in json.loads(done.stdout.splitlines()[-1]).items():
            print(f"{key} = {value}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))))
    else:
        main()
