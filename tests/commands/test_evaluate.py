"""`s2f evaluate` as a person runs it."""

import csv
import json
from unittest.mock import patch
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from s2f_cli import bundle, console, downloads, recipe, store
from s2f_cli.cli import app
from s2f_cli.errors import S2FError


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs `s2f evaluate …` in an empty folder; an error exits 1 with its message, as `cli.main` has it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "cache"))

    def call(*arguments):
        result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
        if isinstance(result.exception, S2FError):
            return 1, "", result.exception.message
        return result.exit_code, result.stdout, result.stderr

    return call


@pytest.fixture
def folders(tmp_path):
    """`gen` and `ref` with three pairs, gen noisier."""
    generator = np.random.default_rng(0)
    for name in ("anna", "bo", "carl"):
        levels = np.linspace(0, 255, 40 * 30 * 3).reshape(40, 30, 3)
        noisy = np.clip(levels + generator.normal(0, 10, levels.shape), 0, 255)
        for folder, content in (("ref", levels), ("gen", noisy)):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(content.astype(np.uint8)).save(tmp_path / folder / f"{name}.png")
    return tmp_path


GIVEN = ("--generated", "gen", "--reference", "ref")


def test_prints_json_with_the_scores_of_each_image(run, folders):
    code, out, _ = run(*GIVEN, "--metric", "ssim,mse,psnr", "--json")
    document = json.loads(out)
    (result,) = document["results"]
    assert code == 0
    assert set(result["scores"]) == set(document["metrics"]) == {"ssim", "mse", "psnr"}
    assert "Gaussian window 11" in document["metrics"]["ssim"]["variant"]
    each = [scores["mse"] for scores in result["per_image"].values()]
    assert result["scores"]["mse"]["value"] == pytest.approx(np.mean(each))
    low, high = result["scores"]["mse"]["interval"]
    assert low < np.mean(each) < high


def test_infinite_scores_stay_json(run, folders):
    code, out, _ = run("--generated", "ref", "--reference", "ref", "--metric", "psnr", "--json")
    assert code == 0
    assert json.loads(out, parse_constant=pytest.fail)["results"][0]["scores"]["psnr"]["value"] == "inf"


def test_prints_a_table_and_what_each_metric_is(run, folders):
    code, out, err = run(*GIVEN)
    assert code == 0 and not err
    assert "SSIM ↑" in out and "MSE ↓" in out and "images in [0, 1]" in out and "3 images" in out


def test_prints_markdown(run, folders):
    _, out, _ = run(*GIVEN, "--metric", "mse", "--markdown")
    head, rule, row, *_ = out.splitlines()
    assert (head, rule) == ("|  | MSE ↓ |", "| --- | ---: |")
    assert row.startswith("| gen | 0.00")


def test_compares_folders_and_marks_the_best_and_what_is_more_than_chance(run, folders):
    generator = np.random.default_rng(1)
    for name in ("a", "b", "c", "d", "e", "f"):
        levels = generator.integers(0, 200, (24, 24, 3), dtype=np.uint8)
        for folder, shift in (("true", 0), ("near", 2), ("far", 20)):
            (folders / folder).mkdir(exist_ok=True)
            Image.fromarray(levels + np.uint8(shift)).save(folders / folder / f"{name}.png")
    code, out, _ = run("near", "far", "--reference", "true", "--metric", "mse", "--markdown")
    assert code == 0
    assert "| near | **6.151e-05 " in out
    assert "| far | 0.006151 " in out and "* |" in out and "sign-flip" in out
    _, out, _ = run("near", "far", "--reference", "true", "--metric", "mse", "--json")
    near, far = json.loads(out)["results"]
    assert near["against_first"] == {}
    assert far["against_first"]["mse"]["p"] < 0.05 and far["against_first"]["mse"]["count"] == 6


def test_writes_the_scores_of_each_image(run, folders):
    run(*GIVEN, "--metric", "mse", "--per-image", "new/scores.csv")
    with (folders / "new/scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == ["anna", "bo", "carl"]
    assert all(0 < float(row["mse"]) < 0.01 for row in rows)


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (("--fail-under", "ssim=0.01"), 0),
        (("--fail-over", "mse=0.5"), 0),
        (("--fail-under", "ssim=0.999"), console.BELOW_THRESHOLD),
        (("--fail-over", "mse=0.00001"), console.BELOW_THRESHOLD),
        (("--fail-under", "ssim=0.01", "--fail-under", "psnr=90"), console.BELOW_THRESHOLD),
    ],
)
def test_a_missed_threshold_has_its_own_exit_code(run, folders, threshold, expected):
    code, out, err = run(*GIVEN, "--metric", "ssim", *threshold)
    assert code == expected
    assert ("threshold missed: gen" in err) == bool(expected)
    assert "SSIM" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*GIVEN, "--fail-under", "ssim"), "not a threshold"),
        ((*GIVEN, "--json", "--markdown"), "choose one"),
        (("--generated", "gen"), "--reference"),
        (("--reference", "ref"), "--generated"),
        (("gen", "--generated", "gen", "--reference", "ref"), "two commands"),
        (("--faces", "a", "--sketches", "b", "--protocol", "fs2k"), "prepared data set"),
        (("--faces", "ref"), "--sketches"),
        ((*GIVEN, "--to", "nose"), "nose"),
    ],
)
def test_wrong_usage_exits_2(run, folders, arguments, said):
    code, out, err = run(*arguments)
    assert code == 2 and not out
    assert said in " ".join(err.replace("│", " ").split())


def test_an_unknown_metric_is_named(run, folders):
    code, _, message = run(*GIVEN, "--metric", "smi")
    assert code == 1 and "'smi'" in message


def _truncated(file):
    file.write_bytes(file.read_bytes()[:60])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "gen/bo.png").write_bytes(b""), "gen/bo.png is empty"),
        (lambda f: (f / "gen/bo.png").write_text("hello"), "gen/bo.png is not an image"),
        (lambda f: _truncated(f / "ref/bo.png"), "ref/bo.png is truncated"),
        (lambda f: (f / "gen/bo.png").unlink(), "ref/bo.png: nothing in gen has its name"),
        (lambda f: Image.new("L", (9, 9)).save(f / "gen/bo.png"), "9x9 pixels, its reference 30x40"),
        (lambda f: Image.new("L", (9, 9)).save(f / "gen/bo.jpg"), "several files have its name"),
    ],
)
def test_a_bad_file_is_left_out_and_the_rest_is_scored(run, folders, spoil, said):
    spoil(folders)
    code, out, err = run(*GIVEN, "--metric", "mse", "--json")
    assert code == 1 and said in err
    result = json.loads(out)["results"][0]
    assert set(result["per_image"]) == {"anna", "carl"}
    assert result["left_out"]


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "I;16", "1"])
def test_images_of_any_kind_are_scored(run, folders, mode):
    suffix = "tif" if mode == "CMYK" else "png"
    (folders / "gen/bo.png").unlink()
    if mode == "I;16":
        Image.fromarray(np.full((40, 30), 40000, np.uint16)).save(folders / "gen/bo.png")
    else:
        Image.new(mode, (30, 40)).save(folders / f"gen/bo.{suffix}")
    code, out, _ = run(*GIVEN, "--metric", "mse,ssim", "--json")
    assert code == 0 and len(json.loads(out)["results"][0]["per_image"]) == 3


def test_missing_fid_weights_say_where_they_belong_and_the_rest_is_reported(run, folders, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(folders / "hub"))
    monkeypatch.setattr(
        downloads.urllib.request, "urlopen", lambda *_, **__: (_ for _ in ()).throw(OSError("off"))
    )
    code, out, err = run(*GIVEN, "--metric", "fid,mse", "--json")
    assert code == 1
    assert str(folders / "hub/checkpoints/pt_inception-2015-12-05-6726825d.pth") in err
    result = json.loads(out)["results"][0]
    assert list(result["scores"]) == ["mse"] and "not cached" in result["failed"]["fid"]
    assert not (folders / "hub").exists()


def test_images_without_any_face_have_no_identity_and_the_rest_is_reported(run, folders):
    pytest.importorskip("dlib")
    code, out, errors = run(*GIVEN, "--metric", "identity,identity_rank1,ssim", "--json")
    assert code == 1 and "no face was found in any of the images" in errors
    assert list(json.loads(out)["results"][0]["scores"]) == ["ssim"]


def test_weights_of_something_else_are_refused(run, folders):
    torch.save({"a": torch.zeros(1)}, folders / "x.pth")
    code, _, err = run(*GIVEN, "--metric", "fid", "--fid-weights", "x.pth")
    assert code == 1 and "x.pth does not hold the weights of pytorch-fid's Inception" in err


@pytest.fixture
def trained(tmp_path):
    """A prepared data set in `data`, and in `runs` an untrained model of 16 pixels."""
    result = CliRunner().invoke(app, ["prepare", "demo", "--count", "8", "--output", str(tmp_path / "data")])
    assert result.exit_code == 0, result.output
    small = recipe.read("conv-ae", ["image.size=16"])
    file = tmp_path / "runs" / "0001-conv-ae" / "model.safetensors"
    card = bundle.Card(recipe=small, step=0, seed=0, data="demo", data_digest="")
    bundle.save(file, recipe.build(small), card)
    return tmp_path


def test_scores_the_newest_run_on_the_test_split(run, trained):
    code, out, _ = run("--metric", "ssim", "--json")
    results = [r for r in json.loads(out)["results"] if r["kind"] == "measured"]
    assert code == 0
    assert {r["direction"] for r in results} == {"face → sketch", "sketch → face"}
    assert all(r["name"] == "runs/0001-conv-ae" and r["data"].startswith("demo test") for r in results)
    _, out, _ = run("runs/0001-conv-ae/model.safetensors", "--to", "face", "--json")
    only, _ = json.loads(out)["results"]
    assert only["direction"] == "sketch → face"
    assert only["scores"]["ssim"] == next(r for r in results if "→ face" in r["direction"])["scores"]["ssim"]


def test_scores_a_model_by_the_name_it_has_in_s2f_models(run, trained, monkeypatch):
    monkeypatch.setattr(store, "SHIPPED", trained / "came")
    (trained / "came").mkdir()
    (trained / "runs/0001-conv-ae/model.safetensors").rename(trained / "came/mine.safetensors")
    code, out, _ = run("mine", "--to", "face", "--json")
    assert code == 0
    assert json.loads(out)["results"][0]["direction"] == "sketch → face"
    code, _, message = run("mien")
    assert code == 1 and "there is no model 'mien'" in message


def test_scores_a_model_on_two_folders(run, trained):
    code, out, _ = run(
        "--faces", "data/test/face", "--sketches", "data/test/sketch", "--to", "face", "--json"
    )
    assert code == 0
    folders = json.loads(out)["results"][0]
    _, out, _ = run("--to", "face", "--json")
    assert folders["scores"] == json.loads(out)["results"][0]["scores"]


def test_adds_rows_of_blurred_outputs_means_and_printed_numbers(run, trained):
    code, out, _ = run(
        "runs/0001-conv-ae", "runs/0001-conv-ae/model.safetensors",
        "--to", "face", "--control", "--mean", "--metric", "ssim", "--json",
    )  # fmt: skip
    assert code == 0
    rows = json.loads(out)["results"]
    assert [row["kind"] for row in rows] == ["measured", "control", "measured", "control", "mean", "printed"]
    first, control, _, _, mean, printed = rows
    assert control["name"] == "runs/0001-conv-ae, blurred"
    assert mean["scores"]["ssim"]["value"] == pytest.approx(first["scores"]["ssim"]["value"])
    assert printed["scores"]["ssim"]["value"] == 0.782 and printed["name"] == "printed: conv-ae, table IV"


def test_the_control_of_a_folder_is_its_blurred_images(run, folders):
    _, out, _ = run(*GIVEN, "--metric", "ssim", "--control", "--json")
    measured, control = json.loads(out)["results"]
    assert control["name"] == "gen, blurred"
    assert control["scores"]["ssim"]["value"] > measured["scores"]["ssim"]["value"] + 0.1


def test_scores_cycles(run, trained):
    code, out, _ = run("--cycle", "--metric", "mse", "--json")
    assert code == 0
    cycles = {row["direction"]: row["scores"]["mse"]["value"] for row in json.loads(out)["results"]}
    assert list(cycles) == ["face → sketch → face", "sketch → face → sketch", "mean of both cycles"]
    *both, mean = cycles.values()
    assert mean == pytest.approx(sum(both) / 2)


def test_fid_of_cycles(run, trained):
    from pytorch_fid import inception

    state = {}
    with (
        patch.object(inception, "load_state_dict_from_url", lambda *_, **__: {}),
        patch.object(torch.nn.Module, "load_state_dict", lambda self, _: state.update(self.state_dict())),
    ):
        inception.fid_inception_v3()
    torch.save(state, trained / "random.pth")
    code, out, _ = run("--cycle", "--metric", "fid", "--fid-weights", "random.pth", "--json")
    rows = json.loads(out)["results"]
    assert code == 0 and [row["kind"] for row in rows] == ["measured", "measured", "mean"]
    there, back, mean = (row["scores"]["fid"]["value"] for row in rows)
    assert min(there, back) >= 0 and mean == pytest.approx((there + back) / 2)
    assert "not the published 6726825d" in json.loads(out)["metrics"]["fid"]["variant"]


def test_breaks_down_by_an_attribute(run, trained):
    code, out, _ = run("--to", "face", "--metric", "mse", "--by", "smiling", "--json")
    measured, _ = json.loads(out)["results"]
    by = measured["by"]["smiling"]
    assert code == 0 and set(by) <= {"yes", "no", "unknown"}
    assert sum(scores["mse"]["count"] for scores in by.values()) == len(measured["per_image"])
    _, out, _ = run("--to", "face", "--metric", "mse", "--by", "smiling")
    assert "smiling" in out


def test_writes_a_page_and_a_junit_report(run, trained):
    code, _, err = run(
        "--to",
        "face",
        "--metric",
        "ssim",
        "--fail-under",
        "ssim=0.99",
        "--report",
        "r.html",
        "--junit",
        "j.xml",
    )
    assert code == console.BELOW_THRESHOLD and "report: r.html" in err
    assert "translators" not in (trained / "r.html").read_text()
    suite = ElementTree.parse(trained / "j.xml").getroot()[0]
    assert suite.get("failures") == "1" and suite.get("errors") == "0"


def test_other_data_than_the_protocols_is_refused(run, trained):
    code, _, message = run("--protocol", "cuhk-88-100")
    assert code == 1 and "is not the data of the protocol cuhk-88-100" in message
    code, out, _ = run("--protocol", "cuhk-88-100", "--anyway", "--to", "face", "--json")
    (measured,) = [r for r in json.loads(out)["results"] if r["kind"] == "measured"]
    assert code == 0 and "protocol cuhk-88-100 2ff8fc0a NOT MET: 6 pairs" in measured["data"]
    assert set(measured["scores"]) == {"ssim"}


def test_the_gate_of_pyproject_asks_and_the_options_go_first(run, folders):
    (folders / "pyproject.toml").write_text("[tool.s2f.evaluate]\nmetric = 'mse'\nfail-over = {mse = 0}\n")
    code, out, err = run(*GIVEN, "--json")
    assert code == console.BELOW_THRESHOLD and "mse is" in err
    assert set(json.loads(out)["results"][0]["scores"]) == {"mse"}
    code, _, _ = run(*GIVEN, "--fail-over", "mse=1")
    assert code == 0


def test_worse_than_the_baseline_has_the_exit_code_of_a_threshold(run, folders):
    _, out, _ = run("--generated", "ref", "--reference", "ref", "--metric", "mse", "--json")
    (folders / "baseline.json").write_text(out)
    code, _, err = run(*GIVEN, "--metric", "mse", "--baseline", "baseline.json")
    assert code == console.BELOW_THRESHOLD and "in the baseline 0" in err
    code, _, _ = run(
        "--generated", "ref", "--reference", "ref", "--metric", "mse", "--baseline", "baseline.json"
    )
    assert code == 0


def test_without_data_says_how_to_prepare_some(run):
    code, _, message = run()
    assert code == 1 and "no prepared data set in data" in message


def test_without_a_model_says_so(run, trained):
    (trained / "runs/0001-conv-ae/model.safetensors").unlink()
    code, _, message = run()
    assert code == 1 and "no trained model in runs" in message
