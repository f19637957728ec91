"""`s2f translate` of image files."""

import json
import os
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import images
from s2f_cli.inference.translator import Translator
from s2f_cli.models import bundle
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card
from s2f_cli.models.recipes import read


def test_results_are_written_beside_the_inputs(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches/anna.png", "sketches/bo.jpg")
    assert result.code == 0, result.err
    assert result.lines == ["sketches/anna.face.png", "sketches/bo.face.png"]
    for name, size in (("anna", (40, 24)), ("bo", (16, 16))):
        with Image.open(sketches / f"{name}.face.png") as image:
            assert (image.size, image.mode) == (size, "RGB")


def test_results_equal_those_of_the_translator(translate, sketches: Path, tiny_run: Path) -> None:
    translate("--to", "face", "sketches/anna.png")
    translator = Translator.open(tiny_run / "model.safetensors", "cpu")
    (expected,) = translator.translate([images.read(sketches / "anna.png")], "face")
    with Image.open(sketches / "anna.face.png") as image:
        assert np.array_equal(image, expected)


def test_both_directions_can_be_chained(translate, sketches: Path) -> None:
    translate("--to", "face", "sketches/anna.png")
    result = translate("--to", "sketch", "sketches/anna.face.png")
    assert result.lines == ["sketches/anna.face.sketch.png"]
    with Image.open(sketches / "anna.face.sketch.png") as image:
        assert (image.size, image.mode) == ((40, 24), "L")


def test_output_names_the_result_of_one_file(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches/anna.png", "-o", "deep/er/anna.jpg")
    assert result.lines == ["deep/er/anna.jpg"]
    with Image.open("deep/er/anna.jpg") as image:
        assert image.format == "JPEG"


def test_one_output_file_for_many_inputs_is_an_error(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches", "-o", "all.png")
    assert result.code == 1
    assert "all.png is one file, but there are 2 images" in result.err and "folder" in result.err
    assert not Path("all.png").exists()


def test_the_output_mirrors_the_input_folder(translate, sketches: Path, drawing) -> None:
    (sketches / "more/deep").mkdir(parents=True)
    drawing(3).save(sketches / "more/deep/anna.png")
    (sketches / "notes.txt").write_text("no image")
    (sketches / ".hidden").mkdir()
    drawing(4).save(sketches / ".hidden/carl.png")
    result = translate("--to", "face", "sketches", "-o", "results")
    assert result.code == 0
    assert sorted(result.lines) == [
        "results/anna.face.png",
        "results/bo.face.png",
        "results/more/deep/anna.face.png",
    ]
    assert sorted(p.as_posix() for p in Path("results").rglob("*.png")) == sorted(result.lines)


def test_existing_results_are_skipped_unless_overwrite(translate, sketches: Path) -> None:
    (sketches / "anna.face.png").write_bytes(b"mine")
    result = translate("--to", "face", "sketches")
    assert result.code == 0
    assert result.lines == ["sketches/bo.face.png"]
    assert "files kept, because nothing says how they were made: 1" in result.err
    assert (sketches / "anna.face.png").read_bytes() == b"mine"
    again = translate("--to", "face", "sketches", "--overwrite")
    assert len(again.lines) == 2
    with Image.open(sketches / "anna.face.png") as image:
        assert image.size == (40, 24)


def test_results_of_other_settings_count_as_not_made(translate, sketches: Path) -> None:
    words = ("--to", "face", "sketches/anna.png")
    assert translate(*words).lines == ["sketches/anna.face.png"]
    again = translate(*words)
    assert again.lines == [] and "existing results skipped: 1" in again.err
    assert translate(*words, "--size", "16").lines == ["sketches/anna.face.png"]
    with Image.open(sketches / "anna.face.png") as image:
        assert min(image.size) == 16


def test_an_input_that_has_changed_is_translated_again(translate, s2f, sketches: Path) -> None:
    commands = [
        partial(translate, "--to", "face", "sketches", "-o", "faces"),
        partial(s2f, "sketchify", "sketches", "-o", "drawn"),
    ]
    for command in commands:
        assert len(command().lines) == 2 and command().lines == []
    later = time.time() + 10
    os.utime(sketches / "anna.png", (later, later))
    for command in commands:
        assert [Path(line).name.split(".")[0] for line in command().lines] == ["anna"]


def test_a_file_named_by_hand_is_replaced_but_not_the_input(translate, sketches: Path) -> None:
    Path("mine.png").write_bytes(b"mine")
    assert translate("--to", "face", "sketches/anna.png", "-o", "mine.png").lines == ["mine.png"]
    refused = translate("--to", "face", "sketches/anna.png", "-o", "sketches/anna.png")
    assert refused.code == 1 and "its result would overwrite it" in refused.left_out[0]


def test_a_sheet_shows_inputs_and_results(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches", "-o", "results", "--sheet", "sheet.png")
    assert result.lines[-1] == "sheet.png"
    with Image.open("sheet.png") as sheet:
        assert sheet.width == 2 * (16 + 4) + 4 and sheet.height > 2 * (16 + 4)


def test_size_model_is_the_square_seen_in_training(translate, sketches: Path) -> None:
    translate("--to", "face", "sketches/anna.png", "--size", "model")
    with Image.open(sketches / "anna.face.png") as image:
        assert image.size == (16, 16)


def test_the_newest_run_with_the_direction_is_the_default(
    s2f, sketches: Path, tiny_run: Path, tiny_recipe: Path, data: Path
) -> None:
    common = ("--steps", 1, "--data", data, "--device", "cpu")
    assert s2f("train", tiny_recipe, *common).code == 0
    one_way = ("directions.face=[]", "weights={sketch = 1.0}", "image.size=16", "image.channels.sketch=1")
    one_way += ("networks.to_sketch.out_channels=1", "batch_size=2")
    overrides = [word for override in one_way for word in ("--set", override)]
    assert s2f("train", "conv-ae", *overrides, *common).code == 0
    for to, run in (("face", "0001-tiny"), ("sketch", "0002-conv-ae")):
        result = s2f("translate", "--to", to, "sketches/anna.png", "--device", "cpu")
        assert result.code == 0
        assert f"using the model runs/{run}/model.safetensors" in result.err
    now = time.time() + 10
    os.utime("runs/0001-tiny/model.safetensors", (now, now))
    result = s2f("translate", "--to", "sketch", "sketches/bo.jpg", "--device", "cpu")
    assert "using the model runs/0001-tiny/model.safetensors" in result.err
    assert "it is the newest finished run in runs; choose another with --model" in result.err
    refused = s2f(
        "translate", "--to", "face", "sketches/bo.jpg", "--model", "runs/0002-conv-ae", "--device", "cpu"
    )
    assert refused.code == 1
    assert "this conv-ae model cannot translate to face, only to sketch" in refused.err


def test_the_shipped_model_is_the_default_without_a_run(s2f, sketches: Path) -> None:
    for to in ("face", "sketch"):
        result = s2f("translate", "--to", to, "sketches/anna.png", "--device", "cpu")
        assert result.code == 0
        assert f"-to-{to}: it is shipped with s2f; choose another with --model" in result.err
        with Image.open(f"sketches/anna.{to}.png") as image, Image.open("sketches/anna.png") as source:
            assert (image.size, image.mode) == (source.size, "RGB" if to == "face" else "L")


def test_no_model_is_an_error_with_a_hint(s2f, sketches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s2f_cli.models.zoo.SHIPPED", sketches)
    result = s2f("translate", "--to", "face", "sketches/anna.png")
    assert result.code == 1
    assert "there is no finished run in runs that can translate to face" in result.err
    assert "s2f train" in result.err


def test_results_in_batches_equal_single_ones(translate, here: Path, drawing) -> None:
    for number in range(11):
        drawing(number, 16 + 4 * (number % 3), 16).convert("L").save(here / f"{number:02}.png")
    together = translate("--to", "face", ".", "-o", "together")
    assert together.code == 0 and len(together.lines) == 11
    for number in range(11):
        translate("--to", "face", f"{number:02}.png", "-o", "alone")
        name = f"{number:02}.face.png"
        with Image.open(Path("together", name)) as one, Image.open(Path("alone", name)) as other:
            assert np.abs(np.asarray(one, int) - np.asarray(other, int)).max() <= 1


def test_a_sheet_of_many_rows_has_several_columns(translate, here: Path, drawing) -> None:
    for number in range(12):
        drawing(number).convert("L").save(here / f"{number:02}.png")
    translate("--to", "face", ".", "-o", "results", "--sheet", "sheet.png")
    with Image.open("sheet.png") as sheet:
        assert 0.6 < sheet.width / sheet.height < 2.5


def test_format_sets_the_format_of_all_results(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches", "-o", "results", "--format", "webp")
    assert result.lines == ["results/anna.face.webp", "results/bo.face.webp"]
    with Image.open("results/bo.face.webp") as image:
        assert image.format == "WEBP"
    again = translate("--to", "face", "sketches", "-o", "results", "-f", "jpg")
    assert [Path(line).suffix for line in again.lines] == [".jpg", ".jpg"]
    assert translate("--to", "face", "sketches/anna.png", "-o", "a.jpeg", "-f", "jpg").code == 0
    assert translate("--to", "face", "sketches/anna.png", "-o", "a.png", "-f", "jpg").code == 2


def test_an_image_too_long_for_its_format_fails(translate, here: Path) -> None:
    Image.new("L", (17000, 2), "gray").save("long.png")
    result = translate("--to", "face", "long.png", "-f", "webp")
    assert result.code == 1 and "long.face.webp" in result.left_out[0]
    assert "another format" in result.left_out[0]
    assert translate("--to", "face", "long.png").code == 0


def test_json_prints_a_line_per_input(translate, sketches: Path) -> None:
    (sketches / "bad.png").write_bytes(b"not an image")
    translate("--to", "face", "sketches/bo.jpg")
    result = translate("--to", "face", "sketches", "--json")
    assert result.code == 1
    records = {Path(record["input"]).name: record for record in map(json.loads, result.lines)}
    assert sorted(records) == ["anna.png", "bad.png", "bo.jpg"]
    anna = records["anna.png"]
    assert anna["outputs"] == ["sketches/anna.face.png"] and anna["size"] == [40, 24]
    assert anna["faces"] == [] and anna["seconds"] > 0
    assert "not an image" in records["bad.png"]["error"] and records["bad.png"]["outputs"] == []
    assert records["bo.jpg"] == {
        "input": "sketches/bo.jpg",
        "outputs": ["sketches/bo.face.png"],
        "skipped": True,
    }


def test_compare_writes_input_and_result_side_by_side(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches/anna.png", "--compare")
    assert result.lines == ["sketches/anna.face.png", "sketches/anna.face.compare.png"]
    with Image.open(result.lines[1]) as both, Image.open(result.lines[0]) as image:
        assert both.size == (2 * 40 + 4, 24)
        assert np.array_equal(np.asarray(both)[:, 44:], image)
        with Image.open(sketches / "anna.png") as source:
            assert np.array_equal(np.asarray(both)[:, :40], source.convert("RGB"))
    assert translate("--to", "face", "sketches").lines == ["sketches/bo.face.png"]


@pytest.mark.parametrize(("size", "expected"), [("48", (80, 48)), ("full", (40, 24)), ("native", (40, 24))])
def test_size_sets_the_size_of_results(
    translate, sketches: Path, size: str, expected: tuple[int, int]
) -> None:
    assert translate("--to", "face", "sketches/anna.png", "--size", size).code == 0
    with Image.open(sketches / "anna.face.png") as image:
        assert image.size == expected


@pytest.mark.parametrize("size", ["0", "-3", "large", "1.5"])
def test_an_invalid_size_is_wrong_usage(translate, sketches: Path, size: str) -> None:
    assert translate("--to", "face", "sketches/anna.png", "--size", size).code == 2


def test_a_size_with_too_many_pixels_fails(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches", "--size", "90000")
    assert result.code == 1 and len(result.left_out) == 2
    assert "choose a smaller --size" in result.left_out[0]


def test_a_squashing_model_prints_a_note(s2f, here: Path, drawing, tmp_path: Path) -> None:
    recipe = read("conv-ae", ["image.size=16"])
    card = Card(recipe=recipe, step=0, seed=0, data="", data_digest="")
    bundle.save(tmp_path / "squash.safetensors", build_networks(recipe), card)
    drawing(1, 40, 24).save("a.png")
    words = ("translate", "--to", "sketch", "a.png", "--model", tmp_path / "squash.safetensors")
    result = s2f(*words, "--size", "48")
    assert result.code == 0 and "squashed to 16x16" in result.err
    with Image.open("a.sketch.png") as image:
        assert image.size == (80, 48)
    assert "squashed" not in s2f(*words, "--overwrite").err


def test_an_unknown_preset_is_wrong_usage(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches/anna.png", "--align", "passport")
    assert result.code == 2 and "report-b, cufs, ffhq" in " ".join(result.err.split())
