"""From pairs to an exported model in an empty folder, with the commands of the documentation."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
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
def folder(tmp_path_factory: pytest.TempPathFactory, drawing) -> Path:
    """An empty folder, beside pairs that are named like those of the CUHK students."""
    top = tmp_path_factory.mktemp("way")
    for number in range(5, 13):
        for kind in ("photos", "sketches"):
            file = top / "cuhk_student_aligned" / kind / f"f-{number:03}-01.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            image = drawing(number, 40, 50)
            (image if kind == "photos" else image.convert("L")).save(file)
    (top / "cuhk_student_aligned/pairs.csv").write_text(
        "name,split\n" + "".join(f"f-{n:03}-01,{'train' if n < 10 else 'test'}\n" for n in range(5, 13))
    )
    (top / "empty").mkdir()
    return top / "empty"


@pytest.fixture(scope="module")
def s2f(s2f, folder: Path) -> Callable[[str], list[str]]:
    """Runs a command line in the folder and returns the lines of its stdout."""

    def run(line: str) -> list[str]:
        with pytest.MonkeyPatch.context() as patched:
            patched.chdir(folder)
            result = s2f(*shlex.split(line))
        assert result.code == 0, result.err
        return result.lines

    return run


@pytest.fixture(scope="module")
def prepared(s2f, folder: Path) -> Path:
    s2f("prepare cufs ../cuhk_student_aligned")
    return folder / "data"


@pytest.fixture(scope="module")
def trained(s2f, prepared: Path) -> str:
    (run,) = s2f(f"train cyclegan-unet --steps 10 {SMALL_UNETS}")
    return run


def test_prepare_splits_the_pairs(prepared: Path) -> None:
    assert (prepared / "manifest.jsonl").is_file()
    counts = {f"{p.parent.name}/{p.name}": len(list(p.iterdir())) for p in prepared.glob("*/*")}
    assert counts == {"train/face": 5, "train/sketch": 5, "test/face": 3, "test/sketch": 3}


def test_train_writes_a_run_folder(trained: str, folder: Path) -> None:
    assert trained == "runs/0001-cyclegan-unet"
    assert {"model.safetensors", "state.pt", "log.jsonl"} <= {p.name for p in (folder / trained).iterdir()}


def test_train_and_resume_in_a_named_folder(s2f, prepared: Path, folder: Path) -> None:
    assert s2f(f"train conv-ae --steps 30 --seed 3 --output first {SMALL_PAIRS}") == ["first"]
    before = (folder / "first/model.safetensors").read_bytes()
    assert s2f("train conv-ae --steps 30 --seed 3 --output first --resume") == ["first"]
    assert (folder / "first/model.safetensors").read_bytes() == before
    assert len((folder / "first/log.jsonl").read_text().splitlines()) == 30


def test_translate_keeps_names_and_sizes(s2f, trained: str, drawing, folder: Path) -> None:
    (folder / "sketches").mkdir()
    for name, size in (("anna", (40, 50)), ("bo", (33, 21))):
        drawing(1, *size).convert("L").save(folder / "sketches" / f"{name}.png")
    assert s2f("translate --to face sketches/*.png") == ["sketches/anna.face.png", "sketches/bo.face.png"]
    with Image.open(folder / "sketches/bo.face.png") as face:
        assert (face.size, face.mode) == ((33, 21), "RGB")


def test_evaluate_scores_the_newest_run(s2f, trained: str) -> None:
    document = json.loads("\n".join(s2f("evaluate --metric ssim --json")))
    directions = [result["direction"] for result in document["results"]]
    assert sorted(directions) == ["face → sketch", "sketch → face"]
    assert all(-1 <= result["scores"]["ssim"]["value"] <= 1 for result in document["results"])
    assert all(len(result["per_image"]) == 3 for result in document["results"])


def test_evaluate_compares_two_folders(s2f, drawing, folder: Path) -> None:
    for name in ("gen", "ref"):
        (folder / name).mkdir()
        drawing(1, 40, 50).save(folder / name / "anna.png")
    document = json.loads(
        "\n".join(s2f("evaluate --generated gen --reference ref --metric ssim,mse,psnr --json"))
    )
    (result,) = document["results"]
    assert result["scores"]["ssim"]["value"] == pytest.approx(1)
    assert result["scores"]["mse"]["value"] == 0


def test_export_in_a_process_of_its_own_writes_a_file_per_direction(trained: str, folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    command = [sys.executable, "-m", "s2f_cli", "export", "--format", "onnx"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = sorted(file.name for file in (folder / "exports").iterdir())
    assert names == ["cyclegan-unet.face.onnx", "cyclegan-unet.sketch.onnx"]
