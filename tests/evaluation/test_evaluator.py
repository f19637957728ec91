"""`s2f_cli.evaluation.evaluate`, the Python form of the command."""

import pytest
from PIL import Image

from s2f_cli.core.errors import DataError, ImageError, MetricError, MissingPart
from s2f_cli.evaluation.evaluator import evaluate


def test_scores_each_direction_of_a_model(data, model):
    seen = []
    evaluation = evaluate(
        model, data, metrics=["mse"], device="cpu", on_progress=lambda *step: seen.append(step)
    )
    assert len(evaluation) == 4 and list(evaluation.metrics) == ["mse"]
    measured = [result for result in evaluation if result.kind == "measured"]
    assert {result.direction for result in measured} == {"face → sketch", "sketch → face"}
    assert all(result["mse"] == result.scores.by_metric["mse"].value > 0 for result in measured)
    assert (str(model) + " sketch → face", 3, 3) in seen and len(seen) == 6


def test_adds_controls_and_printed_numbers(data, model):
    evaluation = evaluate([str(model)], data, metrics=["ssim"], to="face", control=True, device="cpu")
    assert [result.kind for result in evaluation] == ["measured", "control", "printed"]
    assert evaluation.as_json()["results"][2]["scores"]["ssim"]["value"] == 0.782


def test_compares_folders_with_a_folder_of_references(tmp_path):
    for folder, level in (("generated", 51), ("reference", 0)):
        (tmp_path / folder).mkdir()
        Image.new("L", (8, 8), level).save(tmp_path / folder / "a.png")
    (result,) = evaluate(tmp_path / "generated", metrics=["mse", "ssim"], reference=tmp_path / "reference")
    assert result["mse"] == pytest.approx(0.04)
    with pytest.raises(MetricError, match="smaller than the window"):
        result["ssim"]
    with pytest.raises(KeyError):
        result["psnr"]


def test_keeps_thumbnails_only_if_asked_for(data, model):
    first, second = (
        evaluate(model, data, metrics=["mse"], to="face", thumbnails=thumbnails, device="cpu").results[0]
        for thumbnails in (False, True)
    )
    assert first.gallery is None and second.gallery is not None
    assert set(second.gallery.thumbnails("a")) == {"input", "output", "truth"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"faces": "a"}, "both faces and sketches"),
        ({"reference": "a", "protocol": "fs2k"}, "reference excludes"),
        ({"faces": "a", "sketches": "b", "protocol": "fs2k"}, "needs a prepared data set"),
    ],
)
def test_arguments_that_exclude_each_other_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        evaluate("model", **arguments)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"metrics": ["ssmi"]}, MissingPart),
        ({"data": "nowhere"}, DataError),
        ({"protocol": "unknown"}, DataError),
        ({"reference": "nowhere"}, ImageError),
    ],
)
def test_user_errors_are_raised(data, model, arguments, error):
    with pytest.raises(error):
        evaluate(model, **{"data": data, **arguments})
