import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from s2f_cli.core.errors import RunError
from s2f_cli.models import bundle, recipes, zoo
from s2f_cli.models.build import build_networks
from s2f_cli.models.roles import Networks
from s2f_cli.training.initial_weights import Match, copy_matching, read_weights


def networks(width: int = 4) -> Networks:
    return Networks({"to_face": nn.Linear(3, width), "to_sketch": nn.Linear(3, 3)}, {})


def test_copies_matching_weights_and_counts_the_others() -> None:
    torch.manual_seed(0)
    source, target = networks(), networks(width=5)
    target["face_critic"] = nn.Linear(2, 2)
    before = target.face_critic.weight.clone()
    assert copy_matching(target, source.state_dict()) == [
        Match("to_face", 0, 2, 0),
        Match("to_sketch", 2, 0, 0),
        Match("face_critic", 0, 0, 2),
    ]
    assert torch.equal(target.to_sketch.weight, source.to_sketch.weight)
    assert torch.equal(target.face_critic.weight, before)


def test_refuses_a_model_without_matching_weights() -> None:
    other = Networks({"generator": nn.Linear(3, 4)}, {})
    with pytest.raises(RunError, match="it has the roles generator, the recipe has to_face, to_sketch"):
        copy_matching(networks(), other.state_dict())


def test_a_run_folder_has_critics_and_a_bundle_has_none(tiny_run: Path) -> None:
    def roles(path: Path) -> set[str]:
        return {name.split(".")[0] for name in read_weights(path)}

    assert roles(tiny_run) == {"to_face", "to_sketch", "face_critic", "sketch_critic"}
    assert roles(tiny_run / "model.safetensors") == {"to_face", "to_sketch"}


def test_a_run_folder_has_the_averaged_weights(tiny_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(tiny_run, tmp_path / "run")
    averaged, card = bundle.load(run / "model.safetensors")
    bundle.save(run / "model.safetensors", averaged.half(), card)
    read = read_weights(run)
    assert {name.split(".")[0] for name, weight in read.items() if weight.dtype == torch.half} == {
        "to_face",
        "to_sketch",
    }


def test_train_starts_from_a_model(
    s2f: Callable, tiny_run: Path, tiny_recipe: Path, data: Path, here: Path
) -> None:
    more = ("--set", "networks.to_sketch.features=8", "--steps", 1, "--device", "cpu")
    result = s2f("train", tiny_recipe, "--data", data, "-o", "run", "--init-from", tiny_run, *more)
    assert result.code == 0, result.err
    assert "other shape" in result.err and "face_critic" in result.err
    assert str(tiny_run) in Path("run/run.json").read_text()


@pytest.mark.much_memory
def test_train_starts_from_a_model_by_name(s2f: Callable, data: Path, here: Path) -> None:
    overrides = (
        "batch_size=1",
        "image.size=64",
        'data.augment=["flip"]',
        "networks.to_sketch.weights=random",
        'stages.strokes.objective.perceptual.layers=["stem"]',
        "stages.detail.steps=0",
        "stages.finish.steps=0",
    )
    small = (
        *(word for override in overrides for word in ("--set", override)),
        "--steps",
        1,
        "--device",
        "cpu",
    )
    result = s2f("train", "face-to-sketch", "--data", data, "--init-from", "face-to-sketch", *small)
    assert result.code == 0, result.err
    assert f"weights of {zoo.find('face-to-sketch').path}" in result.err
    wrong = s2f("train", "face-to-sketch", "--data", data, "--init-from", "fce-to-sketch", *small)
    assert wrong.code == 1 and "there is no model 'fce-to-sketch'" in wrong.err


def test_train_refuses_a_model_without_matching_weights(
    s2f: Callable, tiny_run: Path, data: Path, here: Path
) -> None:
    result = s2f("train", "lle", "--data", data, "--init-from", tiny_run, "--device", "cpu")
    assert result.code == 1
    assert "none of its weights fits" in result.err
    assert not Path("runs").exists()


def test_resume_refuses_init_from(s2f: Callable, tiny_run: Path, tiny_recipe: Path, data: Path) -> None:
    command = ("train", tiny_recipe, "--data", data, "-o", tiny_run, "--resume")
    assert s2f(*command, "--init-from", tiny_run).code == 2


def test_my_style_takes_all_weights_of_the_shipped_model() -> None:
    matches = copy_matching(build_networks(recipes.read("my-style")), read_weights(Path("face-to-sketch")))
    assert {match.role for match in matches} == {"to_sketch", "sketch_refiner"}
    assert all(match.taken and not match.reshaped and not match.missing for match in matches)
