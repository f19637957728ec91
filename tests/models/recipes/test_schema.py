import pytest

from s2f_cli.models.recipes.schema import ImageTable, Ramp, Stage

STAGE = {
    "batch_size": 4,
    "data": {"pairing": "paired"},
    "objective": {"part": "reconstruction"},
    "weights": {},
    "players": {
        "first": {"trains": ["a", "b"], "learning_rate": 1},
        "second": {"trains": ["b"], "learning_rate": 1},
    },
}


def test_a_ramp_is_0_until_its_start_and_then_rises() -> None:
    ramp = Ramp(value=8.0, start=10, ramp=4)
    assert [ramp.at(step) for step in (0, 9, 10, 11, 13, 14, 99)] == [0, 0, 0, 2, 6, 8, 8]


def test_a_ramp_of_length_0_is_a_step() -> None:
    ramp = Ramp(value=8.0, start=10)
    assert [ramp.at(step) for step in (9, 10)] == [0, 8]


def test_a_weight_is_a_number_or_a_ramp() -> None:
    stage = Stage.model_validate({**STAGE, "steps": 1, "weights": {"a": 2, "b": {"value": 3, "start": 1}}})
    assert [stage.weight("a", 0), stage.weight("b", 0), stage.weight("b", 1)] == [2, 0, 3]


def test_a_stage_trains_the_roles_of_its_players() -> None:
    assert Stage.model_validate({**STAGE, "steps": 1}).trained == {"a", "b"}


def test_the_length_is_in_steps_or_in_epochs_rounded_up() -> None:
    assert Stage.model_validate({**STAGE, "steps": 7}).length(images=10) == 7
    assert Stage.model_validate({**STAGE, "epochs": 3}).length(images=10) == 8


@pytest.mark.parametrize("length", [{}, {"steps": 1, "epochs": 1}])
def test_a_stage_needs_exactly_one_length(length: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="either epochs or steps"):
        Stage.model_validate({**STAGE, **length})


def test_each_domain_can_have_its_own_size() -> None:
    table = ImageTable.model_validate(
        {"size": {"face": 64, "sketch": 32}, "fit": "crop", "channels": {"face": 3, "sketch": 1}}
    )
    assert (table.shape("face"), table.shape("sketch")) == ((3, 64, 64), (1, 32, 32))


@pytest.mark.parametrize(
    ("key", "value"),
    [("size", {"face": 64}), ("channels", {"sketch": 1}), ("size", 4), ("channels", {"face": 2})],
)
def test_invalid_sizes_and_channels_are_refused(key: str, value: object) -> None:
    table = {"size": 64, "fit": "crop", "channels": {"face": 3, "sketch": 1}, key: value}
    with pytest.raises(ValueError, match=key):
        ImageTable.model_validate(table)
