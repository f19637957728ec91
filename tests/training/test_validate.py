"""Recipes with conditions, whose networks need the channels of the planes."""

from unittest.mock import Mock

import pytest

from s2f_cli.core.errors import RecipeError
from s2f_cli.training import validate
from s2f_cli.training.validate import check
from small_recipes import CRITICS, ENCODERS, GENERATORS, PROJECTORS, each, small

CONDITIONS = [
    "conditions.style.default=bold",
    'conditions.style.labels={ fine = ["1"], bold = ["2"] }',
    "conditions.hair.default=brown",
]
"""Two labels and a colour: five planes."""
TOLD = each(GENERATORS, "in_channels=8")


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("lle", []),
        ("unet-pairs", [*each(("to_sketch",), "in_channels=8"), *each(("to_face",), "in_channels=6")]),
        ("pix2pix", [*TOLD, *each(CRITICS, "in_channels=11")]),
        ("cyclegan", [*TOLD, "objective.identity.part=l1"]),
        ("cut", [*TOLD, *each(PROJECTORS, "in_channels=8")]),
        ("encoder-decoder", each(ENCODERS, "in_channels=8")),
        ("cyclegan-vae", ["networks.face_encoder.in_channels=8", "networks.sketch_encoder.in_channels=6"]),
    ],
)
def test_every_objective_that_translates_takes_conditions(name: str, overrides: list[str]) -> None:
    check(small(name, 1, *CONDITIONS, *overrides))


@pytest.mark.parametrize(
    ("name", "overrides", "message", "hint"),
    [
        (
            "unet-pairs",
            each(("to_face",), "in_channels=6"),
            "directions.sketch: to_sketch cannot take a face with conditions",
            "set networks.to_sketch.in_channels=8: 3 of the image, 2 of style, 3 of hair",
        ),
        ("pix2pix", TOLD, "face_critic, given 11×16×16", "conditions add 5 channels"),
        ("vgg-ae", [], "cannot take a sketch with conditions", "vgg_encoder cannot be given conditions"),
        ("dcgan", [], "conditions are given to the networks of directions", "add directions"),
    ],
)
def test_networks_that_do_not_take_the_planes_are_refused(
    name: str, overrides: list[str], message: str, hint: str
) -> None:
    with pytest.raises(RecipeError, match=message) as problem:
        check(small(name, 1, *CONDITIONS, *overrides))
    assert hint in problem.value.hint


def test_a_recipe_that_has_passed_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = Mock(wraps=validate._check)
    monkeypatch.setattr(validate, "_check", checked)
    for steps in (7, 7, 8):
        check(small("conv-ae", steps))
    assert checked.call_count == 2
    for _ in range(2):
        with pytest.raises(RecipeError):
            check(small("conv-ae", 7, "weights.nothing=1"))
    assert checked.call_count == 4
