"""A recipe that cannot be trained is refused in one line, before anything starts."""

from pathlib import Path

import pytest
import torch

from s2f_cli.core import registry
from s2f_cli.core.errors import RecipeError
from s2f_cli.models import recipes
from s2f_cli.training import validate

ROLES = "face_critic, sketch_critic, to_face, to_sketch"


def refusal(name: object, *overrides: str) -> RecipeError:
    with pytest.raises(RecipeError) as raised:
        validate.check(recipes.read(str(name), overrides))
    problem = raised.value
    assert "\n" not in problem.message + problem.hint
    return problem


REFUSALS: dict[str, tuple[list[str], str, str]] = {
    # overrides, message, hint
    "unknown key": (
        ["wieghts.cycle=5"],
        "unknown key 'wieghts'",
        "did you mean 'weights'? known: batch_size",
    ),
    "unknown key of a table": (["image.sise=64"], "image: unknown key 'sise'", "did you mean 'size'?"),
    "unknown part": (
        ["networks.to_face.part=resnett"],
        "networks.to_face: there is no 'resnett' among the networks",
        ", ".join(registry.names("networks")),
    ),
    "unknown loss": (
        ["objective.cycle.part=l3"],
        "objective.cycle: there is no 'l3' among the losses",
        ", ".join(registry.names("losses")),
    ),
    "a number of 5000 digits": (["batch_size=" + "9" * 5000], "batch_size: Unable to parse", "recipes show"),
    "a truth value as a number": (
        ["networks.to_face.bottleneck_groups=true"],
        "directions.face: to_face cannot take a sketch: conv2d() received an invalid",
        "compare its in_channels",
    ),
    "no features": (
        ["networks.face_critic.features=0"],
        "the objective cycle_gan cannot run",
        "compare the roles",
    ),
    "unknown objective": (
        ["objective.part=cycle_gam"],
        "objective: there is no 'cycle_gam' among the objectives",
        "cycle_gan",
    ),
    "unknown option of a network": (
        ["networks.to_face.feature=4"],
        "networks.to_face has no option 'feature'",
        "did you mean 'features'? known: in_channels, out_channels, features, levels, bottleneck_groups",
    ),
    "unknown option of a loss": (
        ["objective.adversarial.noise=1"],
        "objective.adversarial has no option 'noise'",
        "known: label_noise, label_flip",
    ),
    "unknown option of an objective": (
        ["objective.cycel.part=l1"],
        "objective has no option 'cycel'",
        "did you mean 'cycle'?",
    ),
    "a loss without a table": (
        ["objective.cycle=l1"],
        "objective.cycle is 'l1', not a table that names a loss",
        "set objective.cycle.part; did you mean 'l1'? known: ",
    ),
    "a number for a loss": (["objective.cycle=5"], "cannot run", "recipe that uses it"),
    "an impossible option": (["networks.to_face.features=-1"], "networks.to_face: ", "unet"),
    "no groups": (["networks.to_face.bottleneck_groups=0"], "networks.to_face: ", "unet"),
    "groups that do not divide": (["networks.to_face.bottleneck_groups=7"], "bottleneck_groups=7", "unet"),
    "an option of the wrong kind": (["networks.to_face.features=many"], "networks.to_face: ", "unet"),
    "weight of no term": (
        ["weights.identity=1"],
        "weights.identity belongs to no term",
        "known: adversarial, cycle",
    ),
    "size that does not divide": (
        ["image.size=50"],
        "image.size 50 is not a multiple of 4, which to_",
        "use 48",
    ),
    "size out of range": (["image.size=7"], "image.size", "recipes show"),
    "channels that do not fit": (
        ["image.channels.sketch=3"],
        "directions.face: to_face cannot take a sketch",
        "compare its in_channels with image.channels",
    ),
    "impossible channels": (["image.channels.sketch=2"], "Input should be 1 or 3", "recipes show"),
    "outputs that do not fit": (
        ["networks.to_face.out_channels=1"],
        "directions.face returns images of shape (1, 16, 16), not (3, 16, 16)",
        "compare its out_channels with image.channels",
    ),
    "unknown role in a direction": (
        ['directions.face=["to_fase"]'],
        "directions.face names the unknown role 'to_fase'",
        f"did you mean 'to_face'? known: {ROLES}",
    ),
    "unknown role of a player": (
        ['players.critics.trains=["face_critic", "sketch_kritic"]'],
        "players.critics names the unknown role 'sketch_kritic'",
        f"did you mean 'sketch_critic'? known: {ROLES}",
    ),
    "a role twice": (
        ['players.critics.trains=["face_critic", "face_critic"]'],
        "'face_critic' is listed twice",
        "",
    ),
    "no roles": (["players.critics.trains=[]"], "players.critics.trains", ""),
    "unknown domain": (['directions.cat=["to_face"]'], "should be 'face' or 'sketch'", ""),
    "unknown player": (
        ['players.judges={trains = ["face_critic"], learning_rate = 1}'],
        "has the players critics, generators, the recipe has critics, generators, judges",
        "as the objective does",
    ),
    "unknown key of a player": (["players.critics.optimizer=sgd"], "unknown key 'optimizer'", ""),
    "unknown schedule": (
        ["players.critics.schedule.part=stairs"],
        "players.critics.schedule: there is no 'stairs' among the schedules",
        ", ".join(registry.names("schedules")),
    ),
    "impossible learning rate": (["players.critics.learning_rate=0"], "greater than 0", ""),
    "impossible beta": (["players.critics.betas=[0.5, 1.0]"], "less than 1", ""),
    "impossible length": (["steps=-1"], "greater than or equal to 0", ""),
    "no batch": (["batch_size=0"], "batch_size", ""),
    "unknown pairing": (["data.pairing=both"], "Input should be 'paired' or 'unpaired'", ""),
    "unknown augmentation": (
        ['data.augment=["turn"]'],
        "no 'turn' among the augmentations",
        "known: backdrop, camera, dihedral, flip",
    ),
    "no value": (["weights.cycle"], "--set 'weights.cycle' is not of the form key=value", "weights.cycle=5"),
    "no key": (["=5"], "--set '=5' is not of the form key=value", "weights.cycle=5"),
    "a key below a value": (["steps.many=5"], "'steps' is a value, not a table", "recipes show"),
    "unknown stage": (["stages.second.steps=5"], "no stage has this name", "known: stages.train.KEY"),
    "no stage": (["stages=5"], "no stage has this name", "known: stages.train.KEY"),
    "a stage without a key": (["stages.train=5"], "no stage has this name", "known: stages.train.KEY"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_an_untrainable_recipe_is_refused_in_one_line(kind: str, tiny_recipe: Path) -> None:
    overrides, message, hint = REFUSALS[kind]
    problem = refusal(tiny_recipe, *overrides)
    assert message in problem.message
    assert hint in problem.hint or hint in problem.message


def test_a_term_without_a_weight_is_refused(tiny_recipe: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(tiny_recipe.read_text().replace("cycle = 10.0\n", ""))
    problem = refusal(file)
    assert problem.message == "the term 'cycle' has no weight"
    assert problem.hint == "set weights.cycle; 0 leaves it out"


def test_checking_uses_no_memory_and_no_random_numbers() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    validate.check(recipes.read("cyclegan-unet", ["image.size=4096"]))
    assert torch.equal(torch.get_rng_state(), before)
