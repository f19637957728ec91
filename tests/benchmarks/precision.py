"""Compare training in bf16 with training in fp32. Run by hand:

    python tests/benchmarks/precision.py DATA [--seeds 3] [--steps 300] [NAME …]

Trains small versions of recipes in both precisions and prints the table of `docs/performance.md`: the SSIM
on the test split if a recipe translates, and the mean losses of the last 50 steps, as mean ± standard
deviation over the seeds.
"""

import argparse
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev

import torch

from s2f_cli.cli.console import markdown
from s2f_cli.data.manifest import Manifest
from s2f_cli.evaluation.checkpoint_scorer import CheckpointScorer
from s2f_cli.inference.translator import Translator
from s2f_cli.models import recipes
from s2f_cli.models.card import Card
from s2f_cli.training.batches import Batches
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.loop import Training

DIRECTIONS = ("face", "sketch")
FACE, SKETCH = "[16, 16, 32, 64, 64]", "[16, 32, 64, 64]"
SMALL = {
    "conv-ae": ("image.size=64", "batch_size=8"),
    "pix2pix": (
        "image.size=64",
        "batch_size=8",
        *(f"networks.to_{to}.{option}" for to in DIRECTIONS for option in ("levels=6", "features=16")),
        *(f"networks.{to}_critic.features=16" for to in DIRECTIONS),
    ),
    "cyclegan-resnet": (
        "image.size=64",
        "batch_size=4",
        *(f"networks.to_{to}.{option}" for to in DIRECTIONS for option in ("blocks=3", "features=16")),
        *(f"networks.{to}_critic.features=16" for to in DIRECTIONS),
    ),
    "vae-wgan": (
        "batch_size=16",
        *(f"networks.face_{part}.widths={FACE}" for part in ("encoder", "critic")),
        *(f"networks.sketch_{part}.widths={SKETCH}" for part in ("encoder", "critic")),
        "networks.face_decoder.widths=[64, 64, 64, 32, 16]",
        "networks.sketch_decoder.widths=[64, 64, 32, 16]",
    ),
}


def measure(name: str, precision: str, seed: int, steps: int, data: Manifest) -> dict[str, float]:
    """The mean of each loss over the last 50 steps, and the SSIM on the test split."""
    small = recipes.read(name, SMALL[name]).with_length(steps=steps)
    compute = ComputeConfig(precision)  # type: ignore[arg-type]
    training = Training(small, lambda s: Batches.of(small, s, data, seed=seed), seed=seed, compute=compute)
    history = defaultdict(list)
    for result in training.run():
        for term, value in result.losses().items():
            history[term].append(value)
    values = {term: mean(losses[-50:]) for term, losses in history.items()}
    if small.directions:
        card = Card(recipe=small, step=steps, seed=seed, data="", data_digest="")
        scores = CheckpointScorer(data, tuple(small.directions), "ssim", "test").scores(
            Translator(training.model, card)
        )
        values |= {key: value for key, value in scores.items() if key.startswith("ssim:")}
    return values


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("names", nargs="*", default=list(SMALL))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=300)
    options = parser.parse_intermixed_args()
    torch.set_num_threads(1)
    data, rows = Manifest.read(options.data), []
    for name in options.names or list(SMALL):
        results = {
            precision: [measure(name, precision, seed, options.steps, data) for seed in range(options.seeds)]
            for precision in ("fp32", "bf16")
        }
        for key in results["fp32"][0]:
            columns = [[run[key] for run in results[precision]] for precision in ("fp32", "bf16")]
            rows.append((name, key, *(f"{mean(c):.4g} ± {stdev(c):.2g}" for c in columns)))
            print(rows[-1], flush=True)
    print(markdown(("recipe", "value", "fp32", "bf16"), rows))


if __name__ == "__main__":
    main()
