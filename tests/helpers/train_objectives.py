"""Train a small recipe of each objective, in one process or in several.

Run as `torchrun --nproc-per-node 2 train_objectives.py DATA OUT`, each process trains on its share of every
batch, and the first one writes weights and losses to OUT.
"""

import copy
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

import small_recipes
from s2f_cli.core import distributed
from s2f_cli.data.manifest import Manifest
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training.batches import Batches
from s2f_cli.training.compute import ComputeConfig, Precision
from s2f_cli.training.loop import Training
from small_recipes import CRITICS, GENERATORS, each

STEPS = 3
OBJECTIVES: dict[str, tuple[str, list[str]]] = {
    "reconstruction": ("conv-ae", []),
    "paired_gan": ("pix2pix", []),
    "refinement": (
        "face-to-sketch",
        [
            "stages.strokes.steps=0",
            "stages.finish.steps=0",
            'data.augment=["flip"]',
            "networks.sketch_critic.spectral=false",
        ],
    ),
    "cycle_gan": (
        "cyclegan",
        [
            *each(GENERATORS, "blocks=2"),
            *each(("face_pool", "sketch_pool"), "capacity=6"),
            "objective.adversarial.label_noise=0.1",
            "objective.adversarial.label_flip=0.2",
            *each(CRITICS, "augment.part=diff_augment"),
        ],
    ),
    "cut": ("cut", []),
    "vae_gan": ("vae-wgan", []),
    "cycle_vae": ("cyclegan-vae", []),
    "gan": ("wgan", []),
}
"""By objective: a recipe that uses it, and further overrides."""


def small(objective: str, *more: str) -> Recipe:
    """The small recipe of an objective, with few steps and further overrides."""
    name, overrides = OBJECTIVES[objective]
    return small_recipes.small(name, STEPS, "batch_size=4", *overrides, *more)


def trained(
    recipe: Recipe,
    data: Path,
    accumulation_steps: int = 1,
    *,
    exact: bool = True,
    deterministic: bool = False,
    precision: Precision = "fp32",
    stops: tuple[int, ...] = (),
) -> dict[str, Tensor]:
    """Train a recipe; return the final weights and the losses of each step, by name.

    `exact` trains in double precision, in which Adam does not amplify the rounding of zero gradients, and
    without batch norm, the only layer that depends on how a batch is split. After each of the steps `stops`,
    the state is restored into a new training, which continues.
    """

    def batches(stage: Stage) -> Batches:
        rows = distributed.rows_of(stage.batch_size, accumulation_steps)
        return Batches.of(recipe, stage, Manifest.read(data), rows=rows)

    def start() -> Training:
        compute = ComputeConfig(precision, accumulation_steps, deterministic)
        training = Training(recipe, batches, compute=compute)
        if exact:
            _without_batch_norm(training.networks)
        return training

    torch.set_default_dtype(torch.float64 if exact else torch.float32)
    try:
        training, results = start(), dict[str, Tensor]()
        for stop in (*stops, None):
            for step in training.run():
                results |= {f"{step.step} {name}": value for name, value in step.terms.items()}
                if step.step == stop:
                    state, training = copy.deepcopy(training.state()), start()
                    training.restore(state)
                    break
        return results | dict(training.networks.state_dict())
    finally:
        torch.set_default_dtype(torch.float32)


def _without_batch_norm(network: nn.Module) -> None:
    for name, layer in network.named_children():
        if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d):
            setattr(network, name, nn.GroupNorm(1, layer.num_features))
        else:
            _without_batch_norm(layer)


def main() -> None:
    data, out = map(Path, sys.argv[1:])
    with distributed.joined(torch.device("cpu")):
        results = {objective: trained(small(objective), data) for objective in OBJECTIVES}
        if distributed.rank() == 0:
            torch.save(results, out)


if __name__ == "__main__":
    main()
