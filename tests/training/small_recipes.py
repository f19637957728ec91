"""A small recipe for each objective, trained; also by several processes.

As a program, `torchrun --nproc-per-node 2 small_recipes.py DATA OUT`, each process trains its part of every
game, and the first writes the weights and losses to OUT.
"""

import copy
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from s2f_cli.core import distributed
from s2f_cli.data.manifest import Manifest
from s2f_cli.models import recipes
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training.batches import Batches
from s2f_cli.training.compute import ComputeConfig, Precision
from s2f_cli.training.loop import Training

STEPS = 3
CRITICS = ["networks.face_critic.features=4", "networks.sketch_critic.features=4"]
CRITICS += ["networks.face_critic.layers=1", "networks.sketch_critic.layers=1"]
BASE = ["image.size=16", "batch_size=4"]
VAES = [
    "image.size.face=16",
    "image.size.sketch=8",
    "batch_size=4",
    "networks.face_critic.size=16",
    "networks.face_critic.widths=[4, 4, 8]",
    "networks.sketch_critic.size=8",
    "networks.sketch_critic.widths=[4, 8]",
]


def _each(roles: str, *options: str) -> list[str]:
    return [f"networks.{role}.{option}" for role in roles.split() for option in options]


def _vae(face: str, sketch: str, encoders: bool = True) -> list[str]:
    made = [
        *VAES,
        *_each(face, "size=16", "widths=[8, 8, 4]", "latent=4"),
        *_each(sketch, "size=8", "widths=[8, 4]", "latent=4"),
    ]
    if encoders:
        made += _each("face_encoder", "size=16", "widths=[4, 8, 8]", "latent=4")
        made += _each("sketch_encoder", "size=8", "widths=[4, 8]", "latent=4")
    return made


UNETS = _each("to_face to_sketch", "features=4", "levels=3")
RESNETS = _each("to_face to_sketch", "features=2", "blocks=2")
GAMES: dict[str, tuple[str, list[str]]] = {
    "reconstruction": ("conv-ae", BASE),
    "paired_gan": ("pix2pix", [*BASE, *UNETS, *CRITICS]),
    "cycle_gan": (
        "cyclegan",
        [
            *BASE,
            *RESNETS,
            *CRITICS,
            *_each("face_pool sketch_pool", "capacity=6"),
            "objective.adversarial.label_noise=0.1",
            "objective.adversarial.label_flip=0.2",
            *_each("face_critic sketch_critic", "augment.part=diff_augment"),
        ],
    ),
    "cut": (
        "cut",
        [*BASE, *RESNETS, *CRITICS, *_each("face_projector sketch_projector", "features=2", "width=4")],
    ),
    "vae_gan": ("vae-wgan", _vae("face_decoder", "sketch_decoder")),
    "cycle_vae": ("cyclegan-vae", _vae("face_decoder", "sketch_decoder")),
    "gan": ("wgan", _vae("face_generator", "sketch_generator", encoders=False)),
}
"""By objective: the recipe that plays it, and what makes that small."""


def small(objective: str) -> Recipe:
    """The recipe of an objective, small, of few steps."""
    name, overrides = GAMES[objective]
    return recipes.read(name, overrides).with_length(steps=STEPS)


def trained(
    read: Recipe,
    data: Path,
    accumulation_steps: int = 1,
    *,
    exact: bool = True,
    deterministic: bool = False,
    precision: Precision = "fp32",
    stops: tuple[int, ...] = (),
) -> dict[str, Tensor]:
    """The weights at the end of a training and the losses of each step, by name.

    `exact`: in double precision, where Adam makes no steps out of the rounding of zero gradients, and without
    batch norm, the one layer that cannot be played in parts. After each of the steps `stops` another training
    goes on from the state.
    """

    def batches(stage: Stage) -> Batches:
        rows = distributed.rows_of(stage.batch_size, accumulation_steps)
        return Batches.of(read, stage, Manifest.read(data), rows=rows)

    def start() -> Training:
        compute = ComputeConfig(precision, accumulation_steps, deterministic)
        training = Training(read, batches, compute=compute)
        if exact:
            _without_batch_norm(training.networks)
        return training

    torch.set_default_dtype(torch.float64 if exact else torch.float32)
    try:
        training, ends = start(), dict[str, Tensor]()
        for stop in (*stops, None):
            for report in training.run():
                ends |= {f"{report.step} {name}": value for name, value in report.terms.items()}
                if report.step == stop:
                    state, training = copy.deepcopy(training.state()), start()
                    training.restore(state)
                    break
        return ends | dict(training.networks.state_dict())
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
        ends = {objective: trained(small(objective), data) for objective in GAMES}
        if distributed.rank() == 0:
            torch.save(ends, out)


if __name__ == "__main__":
    main()
