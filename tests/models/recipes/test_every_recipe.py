"""Every recipe checks at its real size and trains, made small, from end to end."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from s2f_cli.core import images
from s2f_cli.data.manifest import Manifest
from s2f_cli.inference.sampling import sample_sheet
from s2f_cli.inference.translator import Translator
from s2f_cli.models import bundle, recipes
from s2f_cli.models.bundle import Card
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.training import validate
from s2f_cli.training.batches import Batches
from s2f_cli.training.loop import Training

GENERATORS = ("to_face", "to_sketch")
ENCODERS = ("face_encoder", "sketch_encoder")
DECODERS = ("face_decoder", "sketch_decoder")
CRITICS = ("face_critic", "sketch_critic")


def each(roles: tuple[str, ...], *options: str) -> list[str]:
    return [f"networks.{role}.{option}" for role in roles for option in options]


SMALL = ["image.size=16", "batch_size=2"]
SMALL_CRITICS = each(CRITICS, "features=4", "layers=1")
SMALL_UNETS = each(GENERATORS, "features=4", "levels=2", "bottleneck_groups=2")

VAE_SIZES = ["image.size.face=16", "image.size.sketch=8", "batch_size=2"]
VAE_CRITICS = [
    *each(("face_critic",), "size=16", "widths=[4, 4, 8]"),
    *each(("sketch_critic",), "size=8", "widths=[4, 8]"),
]
VAE_ENCODERS = [
    *each(("face_encoder",), "size=16", "widths=[4, 8, 8]", "latent=4"),
    *each(("sketch_encoder",), "size=8", "widths=[4, 8]", "latent=4"),
]
LATENT_LAYERS = each(("sketch_to_face", "face_to_sketch"), "width=4", "layers=2")


def decoders(face: str, sketch: str) -> list[str]:
    return [
        *each((face,), "size=16", "widths=[8, 8, 4]", "latent=4"),
        *each((sketch,), "size=8", "widths=[8, 4]", "latent=4"),
    ]


VAES = [*VAE_SIZES, *VAE_ENCODERS, *decoders(*DECODERS[:2]), *VAE_CRITICS]
NOISE_GANS = [*VAE_SIZES, *decoders("face_generator", "sketch_generator"), *VAE_CRITICS]

CUTS = [
    *SMALL,
    *each(GENERATORS, "features=2", "blocks=2"),
    *each(("face_projector", "sketch_projector"), "features=2", "width=4"),
    *SMALL_CRITICS,
]

SHIPPED = ['data.augment=["flip", "camera", "paper"]', "objective.distance.scales=1"]
RESIDUAL = ("widths=[8, 16]", "blocks=[1, 1]", "last=4")

TINY: dict[str, list[str]] = {
    "combogan": [*SMALL, *each(ENCODERS + DECODERS, "features=2", "blocks=1"), *SMALL_CRITICS],
    "conv-ae": SMALL,
    "cyclegan": [*SMALL, *each(GENERATORS, "features=2", "blocks=1"), *SMALL_CRITICS],
    "cyclegan-resnet": [*SMALL, *each(GENERATORS, "features=2", "blocks=1"), *SMALL_CRITICS],
    "cyclegan-se-unet": [*SMALL, *each(GENERATORS, "features=4", "levels=3"), *SMALL_CRITICS],
    "cyclegan-unet": [*SMALL, *SMALL_UNETS, *SMALL_CRITICS],
    "cyclegan-vae": VAES,
    "cyclegan-vae-latent": [*VAES, *LATENT_LAYERS],
    "cyclegan-vae-pretrained": [*VAES, *LATENT_LAYERS],
    "cut": CUTS,
    "fastcut": CUTS,
    "dcgan": NOISE_GANS,
    "encoder-decoder": [*SMALL, *each(ENCODERS, "widths=[4, 8]"), *each(DECODERS, "widths=[8, 4]")],
    "face-to-sketch": [*SMALL, *SHIPPED, *each(("to_sketch",), *RESIDUAL), *SMALL_CRITICS[2:]],
    "sketch-to-face": [*SMALL, *SHIPPED, *each(("to_face",), *RESIDUAL), *SMALL_CRITICS[:2]],
    "lle": [*SMALL, *each(GENERATORS, "patch=8")],
    "pix2pix-small": [
        *SMALL,
        *each(GENERATORS, "features=4", "levels=3", "attention=2"),
        *SMALL_CRITICS,
    ],
    "pix2pix": [*SMALL, *each(GENERATORS, "features=4", "levels=3"), *SMALL_CRITICS],
    "sparse-ae": [
        *SMALL,
        *each(ENCODERS, "size=16", "widths=[16, 8]"),
        *each(DECODERS, "size=16", "widths=[8, 16]"),
    ],
    "vae-wgan": VAES,
    "wgan": NOISE_GANS,
    "vgg-ae": ["image.size=32", "batch_size=2", *each(ENCODERS, "weights=random")],
    "unet-pairs": [*SMALL, *SMALL_UNETS],
}
"""What makes each recipe small; a recipe without a row fails here."""

QUICK = "players.generators.learning_rate=0.01"
TRANSLATORS = ("translators/face", "translators/sketch")
FALLING: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "conv-ae": (TRANSLATORS, []),
    "cyclegan-se-unet": (("generators/paired", "generators/cycle"), [QUICK]),
    "encoder-decoder": (("translators/face_encoder", "translators/sketch_decoder"), []),
    "face-to-sketch": (("translators/sketch",), ["stages.strokes.steps=0"]),
    "sketch-to-face": (("translators/face",), ["stages.strokes.steps=0"]),
    "pix2pix": (("generators/distance",), []),
    "pix2pix-small": (("generators/distance",), [QUICK]),
    "sparse-ae": (TRANSLATORS, []),
    "unet-pairs": (TRANSLATORS, []),
    "vae-wgan": (("generators/reconstruction",), [QUICK]),
    "vgg-ae": (TRANSLATORS, ["stages.fine-tuning.steps=0"]),
}
"""Terms that must go down where pairs are learnt by heart, and what makes that quick."""
BY_HEART = {"cyclegan-se-unet": 60, "pix2pix-small": 60, "vgg-ae": 30}
"""Steps, where the usual 120 would take long."""

STEPS = 4
NAMES = recipes.names()


def tiny(name: str, steps: int, *overrides: str) -> Recipe:
    return recipes.read(name, [*TINY[name], *overrides]).with_length(steps=steps)


def start(small: Recipe, data: Path) -> Training:
    """A training that has not begun."""

    return Training(small, lambda stage: Batches.of(small, stage, Manifest.read(data)))


def train(small: Recipe, data: Path) -> tuple[Training, list[dict[str, float]]]:
    """A training that has run to its end, and the losses of each step."""
    training = start(small, data)
    return training, [report.losses() for report in training.run()]


@pytest.mark.parametrize("name", NAMES)
def test_can_be_trained_as_it_stands(name: str) -> None:
    validate.check(recipes.read(name))


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is(name: str) -> None:
    read = recipes.read(name)
    assert read.title and read.source
    comments = [line for line in recipes.file_of(name).read_text().splitlines() if line.startswith("#")]
    assert comments, "a recipe opens with what it is and where it comes from"


@pytest.mark.parametrize("name", NAMES)
def test_trains_saves_and_makes_images(name: str, data: Path, tmp_path: Path) -> None:
    small = tiny(name, STEPS)
    validate.check(small)
    training, losses = train(small, data)
    assert len(losses) == STEPS * len(small.stages)
    assert all(math.isfinite(value) for step in losses for value in step.values())

    file = tmp_path / "model.safetensors"
    bundle.save(file, training.networks, Card(recipe=small, step=1, seed=0, data="tiny", data_digest=""))
    translator = Translator.open(file, "cpu")
    manifest = Manifest.read(data)
    sheet = sample_sheet(translator, manifest, people=2)
    assert min(sheet.size) > 16
    for to in translator.directions:
        (entry,) = manifest.pairs("test")[:1]
        source = "sketch" if to == "face" else "face"
        picture = images.read(manifest.path(entry, source))  # type: ignore[arg-type]
        (made,) = translator.translate([picture.resize((20, 28))], to)
        assert (made.size, made.mode) == ((20, 28), images.mode_of(small.image.channels[to]))


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_is_restored_to_the_bit(name: str, data: Path) -> None:
    """Stopped after the first step of each stage, and in a new process gone on to the end."""
    small = tiny(name, 2)
    whole = start(small, data)
    states = [
        copy.deepcopy(whole.state()) for _ in whole.run() if whole.step % 2 or whole.step == whole.total
    ]
    end = states.pop()
    assert len(states) == len([stage for stage in small.stages if stage.steps])
    for state in states:
        resumed = start(small, data)
        resumed.restore(state)
        assert len(list(resumed.run())) == whole.total - state["step"]
        assert same(resumed.state(), end)


def same(one: Any, other: Any) -> bool:
    """Equal to the bit, tensors, tables and all."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@pytest.mark.parametrize("name", sorted(FALLING))
def test_learns_pairs_by_heart(name: str, make_data: Callable[..., Path], tmp_path: Path) -> None:
    terms, overrides = FALLING[name]
    pair = make_data(tmp_path / "pair", train=(2, 2))
    _, losses = train(tiny(name, BY_HEART.get(name, 120), "data.augment=[]", *overrides), pair)
    for term in terms:
        seen = [step[term] for step in losses if term in step]
        few = min(5, len(seen) // 4)
        assert sum(seen[-few:]) < 0.9 * sum(seen[:few]), term
