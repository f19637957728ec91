"""What models are given about the people they are scored on."""

from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import MetricError, S2FError
from s2f_cli.data.manifest import Manifest, to_line, write_lines
from s2f_cli.evaluation import tables
from s2f_cli.evaluation.checkpoint_scorer import CheckpointScorer
from s2f_cli.evaluation.evaluator import evaluate
from s2f_cli.evaluation.given import Given
from s2f_cli.evaluation.ground_truth import Person
from s2f_cli.evaluation.thresholds import regressions
from s2f_cli.faces import colours
from s2f_cli.inference.translator import Translator
from s2f_cli.models.recipes.conditions import Conditions

CONDITIONAL = Conditions.model_validate(
    {
        "style": {"default": "bold", "labels": {"fine": ["1"], "bold": ["2"]}},
        "skin": {"default": "#010203"},
        "backdrop": {"default": "#070809"},
    }
)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A person on a photo of one colour, in style 1; a detector that finds eyes only once."""
    Image.new("RGB", (48, 48), "#a0b0c0").save(tmp_path / "a.png")
    eyes = [((20.0, 24.0), (28.0, 24.0))]
    monkeypatch.setattr(colours, "find_eyes", lambda photo: eyes.pop())
    return Person("a", {"face": tmp_path / "a.png"}, {"style": "1"})


@pytest.mark.parametrize(
    ("names", "fixed", "expected"),
    [
        (["labels"], {}, {"style": "fine"}),
        (["colours"], {}, {"skin": "#a0b0c0", "backdrop": "#a0b0c0"}),
        (["all"], {"skin": "white"}, {"style": "fine", "backdrop": "#a0b0c0", "skin": "#ffffff"}),
        (["style", "skin"], {"style": "bold"}, {"skin": "#a0b0c0", "style": "bold"}),
        (["none"], {}, {}),
    ],
)
def test_conditions_come_from_the_truth_or_are_fixed(person: Person, names, fixed, expected) -> None:
    assert Given(names, fixed).values(CONDITIONAL, person) == expected


def test_colours_are_measured_once(person: Person) -> None:
    given = Given(["all"])
    assert given.values(CONDITIONAL, person) == given.values(CONDITIONAL, person)


def test_a_model_is_told_nothing_that_it_does_not_know(person: Person) -> None:
    assert Given(["all"], {"style": "fine"}).values(Conditions(), person) == {}


def test_says_in_words_what_is_told(person: Person) -> None:
    people = [person, Person("b", {}, {"style": "9"})]
    assert Given(["labels", "skin"]).describe(CONDITIONAL, people) == {
        "style": "of each image (bold for 1 without)",
        "skin": "measured on each photo",
        "backdrop": "#070809 (default)",
    }
    assert Given([], {"style": "fine"}).describe(CONDITIONAL, people)["style"] == "fine"


def test_unknown_names_and_values_are_errors(person: Person) -> None:
    for given in (Given(["hair"]), Given([], {"hair": "red"})):
        with pytest.raises(S2FError, match="none of the models has a condition 'hair'"):
            given.require([Conditions(), CONDITIONAL])
    Given(["style"]).require([Conditions(), CONDITIONAL])
    Given(["labels"]).require([])
    with pytest.raises(S2FError, match="no style 'huge'"):
        Given([], {"style": "huge"}).describe(CONDITIONAL, [person])


@pytest.fixture
def styled(data: Path) -> Path:
    """The pairs a, b and c of the test split in the styles 1, 2 and 9."""
    manifest = Manifest.read(data)
    styles = dict(zip("abcd", "1291", strict=True))
    entries = [e.model_copy(update={"attributes": {"style": styles[e.name]}}) for e in manifest.entries]
    write_lines(data, manifest.header, map(to_line, entries))
    return data


def test_each_pair_is_translated_in_its_own_style(styled: Path, conditional_model: Path) -> None:
    forced, own = (
        evaluate(conditional_model, styled, metrics=["mse"], device="cpu", by=["style"], conditions=given)
        for given in ({"style": "fine"}, None)
    )
    scores = {name: values["mse"] for name, values in own.results[0].scores.per_image.items()}
    fine = {name: values["mse"] for name, values in forced.results[0].scores.per_image.items()}
    assert scores["a"] == fine["a"] and scores["b"] != fine["b"] and scores["c"] != fine["c"]
    assert own.results[0].conditions["style"] == "of each image (bold for 1 without)"
    assert forced.as_json()["results"][0]["conditions"]["style"] == "fine"
    assert any("is given: style fine, skin" in line for line in tables.legend(forced.results, forced.metrics))
    with pytest.raises(MetricError, match="was given other conditions"):
        regressions(own.results[0], own.metrics, forced.as_json(), 0.01)
    assert not regressions(own.results[0], own.metrics, own.as_json(), 0.01)


def test_checkpoints_are_told_styles_and_colours(
    styled: Path, conditional_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colours, "find_eyes", lambda photo: None)
    translator = Translator.open(conditional_model, "cpu")
    scorer = CheckpointScorer(Manifest.read(styled), translator.directions, "mse")
    seen: list[list[dict[str, str]]] = []
    original = Translator.translate

    def translate(self, inputs, *arguments, conditions, **options):
        seen.append(conditions)
        return original(self, inputs, *arguments, conditions=conditions, **options)

    monkeypatch.setattr(Translator, "translate", translate)
    scorer.scores(translator)
    assert [given.get("style") for given in seen[0]] == ["fine", "bold", None]
    assert all(given.keys() >= {"backdrop"} and "skin" not in given for given in seen[0])
