"""Every recipe is valid at its real size, and trains from end to end at a small one."""

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from s2f_cli.core import freed_memory, images
from s2f_cli.data.manifest import Manifest
from s2f_cli.inference.sampling import sample_sheet
from s2f_cli.inference.translator import Translator
from s2f_cli.models import bundle, recipes
from s2f_cli.models.card import Card
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.training import validate
from s2f_cli.training.batches import Batches
from s2f_cli.training.loop import Training
from small_recipes import small

QUICK = "players.generators.learning_rate=0.01"
QUICK_TRANSLATORS = "players.translators.learning_rate=0.01"
TRANSLATORS = ("translators/face", "translators/sketch")
FALLING: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "conv-ae": (TRANSLATORS, []),
    "cyclegan-se-unet": (("generators/paired", "generators/cycle"), [QUICK]),
    "encoder-decoder": (("translators/face_encoder", "translators/sketch_decoder"), []),
    "face-to-sketch": (
        ("generators/distance", "generators/perceptual"),
        [QUICK, "stages.detail.steps=0", "stages.finish.steps=0"],
    ),
    "sketch-to-face": (("generators/distance", "generators/perceptual"), [QUICK, "stages.finish.steps=0"]),
    "my-style": (("translators/sketch", "translators/perceptual"), [QUICK_TRANSLATORS]),
    "pix2pix": (("generators/distance",), []),
    "pix2pix-small": (("generators/distance",), [QUICK]),
    "sparse-ae": (TRANSLATORS, []),
    "unet-pairs": (TRANSLATORS, []),
    "vae-wgan": (("generators/reconstruction",), [QUICK]),
    "vgg-ae": (TRANSLATORS, ["stages.fine-tuning.steps=0"]),
}
"""By recipe: terms that must fall when it overfits two pairs, and overrides that make it quick."""
OVERFITTING_STEPS = {
    "cyclegan-se-unet": 60,
    "face-to-sketch": 20,
    "my-style": 20,
    "sketch-to-face": 20,
    "pix2pix-small": 60,
    "vgg-ae": 30,
}
"""Steps by recipe, where the default of 120 would take too long."""

STEPS = 4
NAMES = recipes.names()
TRAINED = [pytest.param(name, marks=pytest.mark.much_memory) if name == "vgg-ae" else name for name in NAMES]


def start(recipe: Recipe, data: Path) -> Training:
    """A training before its first step."""
    return Training(recipe, lambda stage: Batches.of(recipe, stage, Manifest.read(data)))


def train(recipe: Recipe, data: Path) -> tuple[Training, list[dict[str, float]]]:
    """A finished training, and the losses of each step."""
    training = start(recipe, data)
    return training, [result.losses() for result in training.run()]


@pytest.mark.parametrize("name", NAMES)
def test_is_valid_at_its_real_size(name: str) -> None:
    validate.check(recipes.read(name))


@pytest.mark.parametrize("name", NAMES)
def test_has_a_title_a_source_and_a_comment(name: str) -> None:
    recipe = recipes.read(name)
    assert recipe.title and recipe.source
    comments = [line for line in recipes.file_of(name).read_text().splitlines() if line.startswith("#")]
    assert comments, "a recipe opens with a comment that says what it is and where it comes from"


@pytest.mark.parametrize("name", TRAINED)
def test_trains_saves_and_translates(name: str, data: Path, tmp_path: Path) -> None:
    recipe = small(name, STEPS)
    validate.check(recipe)
    training, losses = train(recipe, data)
    assert len(losses) == STEPS * len(recipe.stages)
    assert all(math.isfinite(value) for step in losses for value in step.values())

    file = tmp_path / "model.safetensors"
    bundle.save(file, training.networks, Card(recipe=recipe, step=1, seed=0, data="tiny", data_digest=""))
    del training
    freed_memory.return_to_system()  # the largest training needs half a gigabyte
    translator = Translator.open(file, "cpu")
    manifest = Manifest.read(data)
    sheet = sample_sheet(translator, manifest, people=2)
    assert min(sheet.size) > 16
    for to in translator.directions:
        (entry,) = manifest.pairs("test")[:1]
        source = "sketch" if to == "face" else "face"
        image = images.read(manifest.path(entry, source))  # type: ignore[arg-type]
        (translated,) = translator.translate([image.resize((20, 28))], to)
        assert (translated.size, translated.mode) == (
            (20, 28),
            images.mode_of(recipe.image.channels[to]),
        )


@pytest.mark.parametrize("name", TRAINED)
def test_every_stage_resumes_bit_exactly(name: str, data: Path, tmp_path: Path) -> None:
    """Each stage is stopped after its first step, saved, and continued by a new training."""
    recipe = small(name, 2)
    whole, states = start(recipe, data), []
    for _ in whole.run():
        if whole.step % 2:
            states.append(tmp_path / f"{whole.step}.pt")
            torch.save(whole.state(), states[-1])
    assert len(states) == len([stage for stage in recipe.stages if stage.steps])
    total, end = whole.total, digest(whole.state())
    del whole
    freed_memory.return_to_system()
    for file in states:
        resumed = start(recipe, data)
        resumed.restore(torch.load(file, weights_only=True))
        file.unlink()
        assert len(list(resumed.run())) == total - int(file.stem)
        assert digest(resumed.state()) == end
        del resumed


def digest(state: Any) -> Any:
    """A state with a hash in place of each tensor."""
    if isinstance(state, torch.Tensor):
        return state.dtype, state.shape, hashlib.sha256(state.detach().numpy(force=True)).hexdigest()
    if isinstance(state, dict):
        return {key: digest(value) for key, value in state.items()}
    return [digest(value) for value in state] if isinstance(state, (list, tuple)) else state


@pytest.mark.parametrize("name", sorted(FALLING))
def test_overfits_two_pairs(name: str, make_data: Callable[..., Path], tmp_path: Path) -> None:
    terms, overrides = FALLING[name]
    pairs = make_data(tmp_path / "pairs", train=(2, 2))
    steps = OVERFITTING_STEPS.get(name, 120)
    _, losses = train(small(name, steps, "data.augment=[]", *overrides), pairs)
    for term in terms:
        values = [step[term] for step in losses if term in step]
        few = min(5, len(values) // 4)
        assert sum(values[-few:]) < 0.9 * sum(values[:few]), term
