"""The way from pairs to an exported model, by the command lines of the documentation, in an empty folder."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

SMALL_PAIRS = "--set image.size=16 --set batch_size=2"
SMALL_UNETS = " ".join(
    [
        "--set image.size=32 --set batch_size=2",
        *(
            f"--set networks.{role}.features=4"
            for role in ("to_face", "to_sketch", "face_critic", "sketch_critic")
        ),
        *(f"--set networks.{role}.levels=2" for role in ("to_face", "to_sketch")),
    ]
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, drawing) -> Path:
    """An empty folder with pairs named as the CUHK students' beside it."""
    top = tmp_path_factory.mktemp("way")
    for number in range(5, 13):
        for folder in ("photos", "sketches"):
            file = top / "cuhk_student_aligned" / folder / f"f-{number:03}-01.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            picture = drawing(number, 40, 50)
            (picture if folder == "photos" else picture.convert("L")).save(file)
    (top / "cuhk_student_aligned/pairs.csv").write_text(
        "name,split\n" + "".join(f"f-{n:03}-01,{'train' if n < 10 else 'test'}\n" for n in range(5, 13))
    )
    (top / "empty").mkdir()
    return top / "empty"


@pytest.fixture(scope="module")
def s2f(place: Path):
    """Runs a command line in a process of its own, through a shell; returns its lines on stdout."""

    def run(line: str) -> list[str]:
        command = f"{shlex.quote(sys.executable)} -m s2f_cli {line}"
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, shell=True, cwd=place, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout.splitlines()

    return run


@pytest.fixture(scope="module")
def prepared(s2f, place: Path) -> Path:
    s2f("prepare cufs ../cuhk_student_aligned")
    return place / "data"


@pytest.fixture(scope="module")
def trained(s2f, prepared: Path) -> str:
    (run,) = s2f(f"train cyclegan-unet --steps 10 {SMALL_UNETS}")
    return run


def test_prepare(prepared: Path) -> None:
    assert (prepared / "manifest.jsonl").is_file()
    counts = {f"{p.parent.name}/{p.name}": len(list(p.iterdir())) for p in prepared.glob("*/*")}
    assert counts == {"train/face": 5, "train/sketch": 5, "test/face": 3, "test/sketch": 3}


def test_train(trained: str, place: Path) -> None:
    assert trained == "runs/0001-cyclegan-unet"
    assert {"model.safetensors", "state.pt", "log.jsonl"} <= {p.name for p in (place / trained).iterdir()}


def test_train_and_resume_in_a_folder_of_its_own(s2f, prepared: Path, place: Path) -> None:
    assert s2f(f"train conv-ae --steps 30 --seed 3 --output first {SMALL_PAIRS}") == ["first"]
    before = (place / "first/model.safetensors").read_bytes()
    assert s2f("train conv-ae --steps 30 --seed 3 --output first --resume") == ["first"]
    assert (place / "first/model.safetensors").read_bytes() == before
    assert len((place / "first/log.jsonl").read_text().splitlines()) == 30


def test_translate(s2f, trained: str, drawing, place: Path) -> None:
    (place / "sketches").mkdir()
    for name, size in (("anna", (40, 50)), ("bo", (33, 21))):
        drawing(1, *size).convert("L").save(place / "sketches" / f"{name}.png")
    assert s2f("translate --to face sketches/*.png") == ["sketches/anna.face.png", "sketches/bo.face.png"]
    with Image.open(place / "sketches/bo.face.png") as made:
        assert (made.size, made.mode) == ((33, 21), "RGB")


def test_evaluate_the_newest_run(s2f, trained: str) -> None:
    document = json.loads("\n".join(s2f("evaluate --metric ssim --json")))
    directions = [result["direction"] for result in document["results"]]
    assert sorted(directions) == ["face → sketch", "sketch → face"]
    assert all(-1 <= result["scores"]["ssim"]["value"] <= 1 for result in document["results"])
    assert all(len(result["per_image"]) == 3 for result in document["results"])


def test_evaluate_folders(s2f, drawing, place: Path) -> None:
    for folder in ("gen", "ref"):
        (place / folder).mkdir()
        drawing(1, 40, 50).save(place / folder / "anna.png")
    document = json.loads(
        "\n".join(s2f("evaluate --generated gen --reference ref --metric ssim,mse,psnr --json"))
    )
    (result,) = document["results"]
    assert result["scores"]["ssim"]["value"] == pytest.approx(1)
    assert result["scores"]["mse"]["value"] == 0


def test_export(s2f, trained: str, place: Path) -> None:
    pytest.importorskip("onnxruntime")
    s2f("export --format onnx")
    names = sorted(file.name for file in (place / "exports").iterdir())
    assert names == ["cyclegan-unet.face.onnx", "cyclegan-unet.sketch.onnx"]
