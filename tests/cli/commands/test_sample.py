"""`s2f sample`, and `s2f translate` with a stochastic model."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

VAE = [
    "image.size.face=16",
    "image.size.sketch=8",
    "batch_size=2",
    "networks.face_encoder.size=16",
    "networks.face_encoder.widths=[4, 8, 8]",
    "networks.sketch_encoder.size=8",
    "networks.sketch_encoder.widths=[4, 8]",
    "networks.face_decoder.size=16",
    "networks.face_decoder.widths=[8, 8, 4]",
    "networks.sketch_decoder.size=8",
    "networks.sketch_decoder.widths=[8, 4]",
    "networks.face_critic.size=16",
    "networks.face_critic.widths=[4, 4, 8]",
    "networks.sketch_critic.size=8",
    "networks.sketch_critic.widths=[4, 8]",
]


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory, s2f: Callable, data: Path) -> Path:
    folder = tmp_path_factory.mktemp("vae") / "run"
    overrides = [word for override in VAE for word in ("--set", override)]
    command = ("train", "cyclegan-vae", "--data", data, "--output", folder, "--steps", 2, "--device", "cpu")
    result = s2f(*command, *overrides)
    assert result.code == 0, result.err
    return folder


@pytest.fixture
def sketch(data: Path) -> Path:
    return data / "test" / "sketch" / "0.png"


def test_a_sheet_from_noise_follows_the_seed(s2f: Callable, vae: Path, here: Path) -> None:
    first = s2f("sample", "--to", "face", "--model", vae, "-n", 4)
    assert (first.code, first.lines) == (0, ["samples.face.png"])
    once = Path("samples.face.png").read_bytes()
    s2f("sample", "--to", "face", "--model", vae, "-n", 4)
    assert Path("samples.face.png").read_bytes() == once
    s2f("sample", "--to", "face", "--model", vae, "-n", 4, "--seed", 1)
    assert Path("samples.face.png").read_bytes() != once


def test_a_folder_gets_a_file_per_image(s2f: Callable, vae: Path, here: Path) -> None:
    result = s2f("sample", "--to", "sketch", "--model", vae, "-n", 3, "-o", "many")
    assert result.lines == ["many/0001.png", "many/0002.png", "many/0003.png"]
    assert {Image.open(file).size for file in result.lines} == {(8, 8)}


def test_an_interpolation_between_two_sketches_is_a_row(
    s2f: Callable, vae: Path, here: Path, data: Path
) -> None:
    ends = (data / "test" / "sketch" / "0.png", data / "test" / "sketch" / "1.png")
    result = s2f("sample", "--to", "face", "--model", vae, "-n", 5, "--between", *ends, "-o", "way.png")
    assert result.lines == ["way.png"]
    width, height = Image.open("way.png").size
    assert width > 5 * 16 > height


def test_a_model_without_samples_is_an_error(s2f: Callable, tiny_run: Path, here: Path) -> None:
    result = s2f("sample", "--to", "face", "--model", tiny_run)
    assert result.code == 1
    assert "cannot generate a face from noise" in result.err and "dcgan" in result.err


def test_without_a_run_there_is_no_default(s2f: Callable, here: Path) -> None:
    result = s2f("sample", "--to", "face")
    assert result.code == 1
    assert "no finished run in runs that can make a face from noise" in result.err


def pixels(file: str) -> bytes:
    return Image.open(file).tobytes()


def test_translate_draws_samples_per_input(s2f: Callable, vae: Path, here: Path, data: Path) -> None:
    inputs = sorted((data / "test" / "sketch").glob("*.png"))[:2]
    command = ("translate", *inputs, "--to", "face", "--model", vae, "-o", "out", "--samples", 3)
    command += ("--size", "model")
    result = s2f(*command, "--sheet", "figure10.png")
    assert result.lines == [
        *(f"out/{stem}.face.{number}.png" for stem in (0, 1) for number in (1, 2, 3)),
        "figure10.png",
    ]
    assert re.search(r"variance .* 0\.\d+ between samples of one input, 0\.\d+ between inputs", result.err)
    assert Image.open("figure10.png").width > 4 * 16
    again = s2f(*command)
    assert again.lines == [] and "existing results skipped: 2" in again.err


def test_samples_count_up_from_the_seed(s2f: Callable, vae: Path, here: Path, sketch: Path) -> None:
    s2f("translate", sketch, "--to", "face", "--model", vae, "-o", "a", "--samples", 3, "--seed", 5)
    s2f("translate", sketch, "--to", "face", "--model", vae, "-o", "b", "--seed", 6)
    assert pixels("a/0.face.2.png") == pixels("b/0.face.png")
    assert pixels("a/0.face.1.png") != pixels("b/0.face.png")


def test_the_mean_does_not_depend_on_the_seed(s2f: Callable, vae: Path, here: Path, sketch: Path) -> None:
    for seed in (0, 1):
        s2f("translate", sketch, "--to", "face", "--model", vae, "-o", f"{seed}", "--mean", "--seed", seed)
    assert pixels("0/0.face.png") == pixels("1/0.face.png")


def test_samples_of_a_deterministic_model_are_an_error(
    s2f: Callable, tiny_run: Path, here: Path, sketch: Path
) -> None:
    result = s2f("translate", sketch, "--to", "face", "--model", tiny_run, "-o", "out", "--samples", 2)
    assert result.code == 1
    assert "is deterministic" in result.err
    assert not Path("out").exists()


@pytest.mark.parametrize("wrong", [["--mean", "--samples", 2], ["--samples", 0]])
def test_wrong_usage_exits_2(s2f: Callable, vae: Path, here: Path, sketch: Path, wrong: list[object]) -> None:
    assert s2f("translate", sketch, "--to", "face", "--model", vae, *wrong).code == 2
