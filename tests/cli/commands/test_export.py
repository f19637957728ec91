"""`s2f export` through the command line."""

import json
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest

from s2f_cli.core import requirements
from s2f_cli.export.formats.torchscript import TorchScript

NAMES = ["exports/tiny.face.torchscript", "exports/tiny.sketch.torchscript"]


@pytest.fixture
def export(s2f, tiny_run: Path, here: Path):
    """Runs `s2f export` with the tiny model, to the fastest format."""

    def run(*arguments: object):
        return s2f("export", "--model", tiny_run, "--format", "torchscript", *arguments)

    return run


def files(folder: str | Path = ".") -> list[str]:
    return sorted(str(p) for p in Path(folder).rglob("*") if p.is_file())


def test_each_direction_becomes_a_file(export, tiny_run: Path) -> None:
    result = export()
    assert result.code == 0, result.err
    assert files() == NAMES
    for word in ["file", "MB", "difference", "SSIM", "batches", "1, 2, 3", *NAMES]:
        assert word in result.out
    assert result.err.splitlines() == [
        f"using the model {tiny_run}/model.safetensors",
        *(f"{n}: comparing on random images and on scikit-image's astronaut" for n in NAMES),
    ]


def test_json_has_a_record_per_file(export, tiny_run: Path) -> None:
    (record,) = json.loads(export("--json", "--to", "sketch").out)
    assert record.pop("max_difference") <= 1e-6
    assert record.pop("ssim") == pytest.approx(1)
    assert record == {
        "file": NAMES[1],
        "model": f"{tiny_run}/model.safetensors",
        "format": "torchscript",
        "precision": "fp32",
        "to": "sketch",
        "bytes": Path(NAMES[1]).stat().st_size,
        "batch_sizes": [1, 2, 3],
        "tolerance": 0.0001,
    }


def test_one_direction_is_exported_to_a_folder_or_a_file(export) -> None:
    assert export("--to", "face", "-o", "mine").code == 0
    assert export("--to", "face", "-o", "deep/er/one.torchscript").code == 0
    assert export("--to", "face", "yours").code == 0
    assert files() == ["deep/er/one.torchscript", "mine/tiny.face.torchscript", "yours/tiny.face.torchscript"]


def test_without_arguments_the_newest_run_is_exported_to_onnx(s2f, tiny_run: Path, here: Path) -> None:
    """Runs in its own process, to catch text that other libraries write to the streams directly."""
    (here / "runs").mkdir()
    (here / "runs/0001-tiny").symlink_to(tiny_run)
    done = subprocess.run([sys.executable, "-m", "s2f_cli", "export"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = ["exports/tiny.face.onnx", "exports/tiny.sketch.onnx"]
    assert done.stderr.splitlines() == [
        "using the model runs/0001-tiny/model.safetensors: it is the newest finished run in runs; "
        "choose another with --model",
        *(f"{name}: comparing on random images and on scikit-image's astronaut" for name in names),
    ]
    assert [line for line in done.stdout.splitlines() if "exports/" in line and "1.0000" in line] != []
    for name in names:
        assert onnxruntime.InferenceSession(name).get_modelmeta().custom_metadata_map["s2f"]


def test_real_images_come_from_the_data_set_or_a_folder(export, make_data, here: Path) -> None:
    make_data(here / "data", train=(2, 2), test=(2, 2))
    assert "on the test split of data\n" in export("--to", "face").err
    assert "on data/train/sketch\n" in export("--to", "face", "--check", "data/train/sketch").err


def test_an_unreadable_image_is_reported_and_the_others_are_used(export, drawing, here: Path) -> None:
    (here / "check").mkdir()
    drawing(1).save("check/a.png")
    (here / "check/b.png").write_text("no image")
    result = export("--check", "check")
    assert result.code == 1
    assert result.left_out == [
        "left out: check/b.png is not an image (s2f reads " + result.left_out[0].split("(s2f reads ")[1]
    ]
    assert files("exports") == NAMES


def test_a_wrong_file_is_refused(export, monkeypatch, here: Path) -> None:
    right = TorchScript.open
    monkeypatch.setattr(TorchScript, "open", lambda self, path: lambda b: right(self, path)(b) + 0.25)
    result = export("--to", "face")
    assert result.code == 1
    assert result.out == ""
    assert (
        f"error: {NAMES[0]} was not written: the fp32 file differs from the model by 0.25, more than 0.0001\n"
        "hint: try another --format\n"
    ) in result.err
    assert files() == []
    assert export("--to", "face", "--tolerance", "0.3").code == 0


def test_one_refused_direction_does_not_stop_the_other(export, monkeypatch, here: Path) -> None:
    right = TorchScript.open
    wrong_faces = lambda self, path: lambda b: right(self, path)(b) + (0.5 if b.shape[1] == 1 else 0)  # noqa: E731
    monkeypatch.setattr(TorchScript, "open", wrong_faces)
    result = export("--json")
    assert result.code == 1
    assert [record["file"] for record in json.loads(result.out)] == [NAMES[1]]
    assert "differs from the model by 0.5" in result.err
    assert files() == NAMES[1:]


def test_an_unknown_format_is_an_error_with_a_suggestion(export) -> None:
    result = export("--format", "onx")
    assert result.code == 1
    assert "error: there is no 'onx' among the exporters\n" in result.err
    assert "hint: did you mean 'onnx'? known: onnx, torch_export, torchscript, web\n" in result.err


def test_a_missing_extra_is_an_error_with_its_install_command(export, monkeypatch) -> None:
    find = requirements.importlib.util.find_spec
    monkeypatch.setattr(
        requirements.importlib.util, "find_spec", lambda n: None if n == "onnxscript" else find(n)
    )
    result = export("--format", "onnx", "--to", "face")
    assert result.code == 1
    assert "error: the package 'onnxscript' (extra 'onnx') is not installed\n" in result.err
    assert f"hint: {requirements.install_hint('onnxscript', 'onnx')}\n" in result.err
    assert files() == []


def test_a_target_that_cannot_be_written_is_an_error(export, here: Path) -> None:
    (here / "taken").write_text("a file")
    result = export("--to", "face", "-o", "taken")
    assert result.code == 1
    assert "error: cannot write taken/tiny.face.torchscript: " in result.err
    assert files() == ["taken"]


WRONG_USAGE = {
    "a file for two directions": (["-o", "x.torchscript"], "add --to face"),
    "another suffix": (["--to", "face", "-o", "x.onnx"], "x.onnx does not end in .torchscript"),
    "a precision it lacks": (["--precision", "int8"], "--format torchscript writes only fp32"),
    "an unknown precision": (["--precision", "fp8"], "'fp8' is not one of"),
    "a folder twice": (["here", "-o", "there"], "give the folder once"),
    "a runtime for no page": (["--runtime", "x.tgz"], "--format torchscript takes no --runtime"),
    "an unknown domain": (["--to", "photo"], "'photo' is not one of"),
    "a negative tolerance": (["--tolerance", "-1"], "it must be greater than or equal to 0"),
}


@pytest.mark.parametrize("case", WRONG_USAGE)
def test_wrong_usage_exits_2(export, case: str) -> None:
    arguments, message = WRONG_USAGE[case]
    result = export(*arguments)
    assert result.code == 2
    assert message in " ".join(result.err.replace("│", " ").split())
    assert files() == []


def test_without_a_run_the_shipped_models_are_exported(s2f, tiny_run: Path, here: Path, monkeypatch) -> None:
    shipped = here / "shipped"
    monkeypatch.setattr("s2f_cli.models.zoo.SHIPPED", shipped)
    shipped.mkdir()
    (shipped / "tiny.safetensors").write_bytes((tiny_run / "model.safetensors").read_bytes())
    result = s2f("export", "-f", "torchscript", "--json")
    assert result.code == 0
    assert {record["model"] for record in json.loads(result.out)} == {str(shipped / "tiny.safetensors")}
    assert files("exports") == NAMES


def test_several_models_are_exported_unless_their_files_clash(s2f, tiny_run: Path, here: Path) -> None:
    (here / "again.safetensors").write_bytes((tiny_run / "model.safetensors").read_bytes())
    same = s2f("export", "--model", tiny_run, "--model", "again.safetensors", "-f", "torchscript")
    assert same.code == 2
    assert "export them to different folders" in " ".join(same.err.replace("│", " ").split())
    twice = s2f("export", "--model", tiny_run, "--model", tiny_run, "-f", "torchscript", "--json")
    assert [record["file"] for record in json.loads(twice.out)] == NAMES


def test_no_model_is_an_error(s2f, here: Path, monkeypatch) -> None:
    monkeypatch.setattr("s2f_cli.models.zoo.SHIPPED", here)
    result = s2f("export")
    assert result.code == 1
    assert "hint: name a model with --model, or train one" in result.err


def test_a_page_without_its_runtime_exports_nothing(s2f, tiny_run: Path, here: Path) -> None:
    result = s2f("export", "--model", tiny_run, "--format", "web", "site", "--runtime", "no.tgz")
    assert result.code == 1
    assert "error: there is no file no.tgz\n" in result.err
    assert files() == []


def test_a_page_of_something_else_is_kept(s2f, tiny_run: Path, here: Path) -> None:
    Path("site").mkdir()
    Path("site/index.html").write_text("mine")
    result = s2f("export", "--model", tiny_run, "--format", "web", "site")
    assert result.code == 1 and "site/index.html is not a page of s2f" in result.err
    assert files() == ["site/index.html"] and Path("site/index.html").read_text() == "mine"


def test_a_space_holds_a_page(s2f, tiny_run: Path, here: Path) -> None:
    result = s2f("export", "--model", tiny_run, "--space")
    assert result.code == 2
    assert "use --space with --format web" in result.err
