"""`s2f evaluate` on folders of images."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

from s2f_cli.cli import console
from s2f_cli.core import downloads


@pytest.fixture
def folders(tmp_path):
    """`ref` and `gen` with three pairs; those in `gen` are noisy."""
    generator = np.random.default_rng(0)
    for name in ("anna", "bo", "carl"):
        levels = np.linspace(0, 255, 40 * 30 * 3).reshape(40, 30, 3)
        noisy = np.clip(levels + generator.normal(0, 10, levels.shape), 0, 255)
        for folder, content in (("ref", levels), ("gen", noisy)):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(content.astype(np.uint8)).save(tmp_path / folder / f"{name}.png")
    return tmp_path


FOLDERS = ("--generated", "gen", "--reference", "ref")


def test_prints_json_with_the_scores_of_each_image(evaluate, folders):
    code, out, _ = evaluate(*FOLDERS, "--metric", "ssim,mse,psnr", "--json")
    document = json.loads(out)
    (result,) = document["results"]
    assert code == 0
    assert set(result["scores"]) == set(document["metrics"]) == {"ssim", "mse", "psnr"}
    assert "Gaussian window 11" in document["metrics"]["ssim"]["variant"]
    values = [scores["mse"] for scores in result["per_image"].values()]
    assert result["scores"]["mse"]["value"] == pytest.approx(np.mean(values))
    low, high = result["scores"]["mse"]["interval"]
    assert low < np.mean(values) < high


def test_infinite_scores_are_valid_json(evaluate, folders):
    code, out, _ = evaluate("--generated", "ref", "--reference", "ref", "--metric", "psnr", "--json")
    assert code == 0
    assert json.loads(out, parse_constant=pytest.fail)["results"][0]["scores"]["psnr"]["value"] == "inf"


def test_prints_a_table_and_a_legend_of_metrics(evaluate, folders):
    code, out, err = evaluate(*FOLDERS)
    assert code == 0 and not err
    assert "SSIM ↑" in out and "MSE ↓" in out and "images in [0, 1]" in out and "3 images" in out


def test_prints_markdown(evaluate, folders):
    _, out, _ = evaluate(*FOLDERS, "--metric", "mse", "--markdown")
    head, rule, row, *_ = out.splitlines()
    assert (head, rule) == ("|  | MSE ↓ |", "| --- | ---: |")
    assert row.startswith("| gen | 0.00")


def test_compares_folders_and_marks_the_best_and_significant_differences(evaluate, folders):
    generator = np.random.default_rng(1)
    for name in ("a", "b", "c", "d", "e", "f"):
        levels = generator.integers(0, 200, (24, 24, 3), dtype=np.uint8)
        for folder, shift in (("true", 0), ("near", 2), ("far", 20)):
            (folders / folder).mkdir(exist_ok=True)
            Image.fromarray(levels + np.uint8(shift)).save(folders / folder / f"{name}.png")
    code, out, _ = evaluate("near", "far", "--reference", "true", "--metric", "mse", "--markdown")
    assert code == 0
    assert "| near | **6.151e-05 " in out
    assert "| far | 0.006151 " in out and "* |" in out and "sign-flip" in out
    _, out, _ = evaluate("near", "far", "--reference", "true", "--metric", "mse", "--json")
    near, far = json.loads(out)["results"]
    assert near["against_first"] == {}
    assert far["against_first"]["mse"]["p"] < 0.05 and far["against_first"]["mse"]["count"] == 6


def test_writes_the_scores_of_each_image(evaluate, folders):
    evaluate(*FOLDERS, "--metric", "mse", "--per-image", "new/scores.csv")
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
def test_a_missed_threshold_exits_3(evaluate, folders, threshold, expected):
    code, out, err = evaluate(*FOLDERS, "--metric", "ssim", *threshold)
    assert code == expected
    assert ("threshold missed: gen" in err) == bool(expected)
    assert "SSIM" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*FOLDERS, "--fail-under", "ssim"), "not a threshold"),
        ((*FOLDERS, "--json", "--markdown"), "choose one"),
        (("--generated", "gen"), "--reference"),
        (("--reference", "ref"), "--generated"),
        (("gen", "--generated", "gen", "--reference", "ref"), "two commands"),
        (("--faces", "a", "--sketches", "b", "--protocol", "fs2k"), "prepared data set"),
        (("--faces", "ref"), "--sketches"),
        ((*FOLDERS, "--to", "nose"), "nose"),
    ],
)
def test_wrong_usage_exits_2(evaluate, folders, arguments, message):
    code, out, err = evaluate(*arguments)
    assert code == 2 and not out
    assert message in " ".join(err.replace("│", " ").split())


def test_an_unknown_metric_is_named(evaluate, folders):
    code, _, message = evaluate(*FOLDERS, "--metric", "smi")
    assert code == 1 and "'smi'" in message


def _truncated(file):
    file.write_bytes(file.read_bytes()[:60])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "gen/bo.png").write_bytes(b""), "gen/bo.png is empty"),
        (lambda f: (f / "gen/bo.png").write_text("hello"), "gen/bo.png is not an image"),
        (lambda f: _truncated(f / "ref/bo.png"), "ref/bo.png is truncated"),
        (lambda f: (f / "gen/bo.png").unlink(), "ref/bo.png: no file in gen has the same name"),
        (lambda f: Image.new("L", (9, 9)).save(f / "gen/bo.png"), "9x9 pixels, its reference 30x40"),
        (lambda f: Image.new("L", (9, 9)).save(f / "gen/bo.jpg"), "several files have the same name"),
    ],
)
def test_a_bad_file_is_left_out_and_the_rest_is_scored(evaluate, folders, damage, message):
    damage(folders)
    code, out, err = evaluate(*FOLDERS, "--metric", "mse", "--json")
    assert code == 1 and message in err
    result = json.loads(out)["results"][0]
    assert set(result["per_image"]) == {"anna", "carl"}
    assert result["left_out"]


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "I;16", "1"])
def test_images_of_any_kind_are_scored(evaluate, folders, mode):
    suffix = "tif" if mode == "CMYK" else "png"
    (folders / "gen/bo.png").unlink()
    if mode == "I;16":
        Image.fromarray(np.full((40, 30), 40000, np.uint16)).save(folders / "gen/bo.png")
    else:
        Image.new(mode, (30, 40)).save(folders / f"gen/bo.{suffix}")
    code, out, _ = evaluate(*FOLDERS, "--metric", "mse,ssim", "--json")
    assert code == 0 and len(json.loads(out)["results"][0]["per_image"]) == 3


def test_missing_fid_weights_name_their_place_and_other_metrics_are_reported(evaluate, folders, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(folders / "hub"))
    monkeypatch.setattr(
        downloads.urllib.request, "urlopen", lambda *_, **__: (_ for _ in ()).throw(OSError("off"))
    )
    code, out, err = evaluate(*FOLDERS, "--metric", "fid,mse", "--json")
    assert code == 1
    assert str(folders / "hub/checkpoints/pt_inception-2015-12-05-6726825d.pth") in err
    result = json.loads(out)["results"][0]
    assert list(result["scores"]) == ["mse"] and "cannot download" in result["failed"]["fid"]
    assert not list((folders / "hub").rglob("*.pth"))


def test_images_without_faces_have_no_identity_and_other_metrics_are_reported(evaluate, folders):
    pytest.importorskip("dlib")
    code, out, errors = evaluate(*FOLDERS, "--metric", "identity,identity_rank1,ssim", "--json")
    assert code == 1 and "no face was found in any of the images" in errors
    assert list(json.loads(out)["results"][0]["scores"]) == ["ssim"]


def test_weights_of_another_network_are_refused(evaluate, folders):
    torch.save({"a": torch.zeros(1)}, folders / "x.pth")
    code, _, err = evaluate(*FOLDERS, "--metric", "fid", "--fid-weights", "x.pth")
    assert code == 1 and "x.pth does not hold the weights of pytorch-fid's Inception" in err


def test_the_control_of_a_folder_has_blurred_images(evaluate, folders):
    _, out, _ = evaluate(*FOLDERS, "--metric", "ssim", "--control", "--json")
    measured, control = json.loads(out)["results"]
    assert control["name"] == "gen, blurred"
    assert control["scores"]["ssim"]["value"] > measured["scores"]["ssim"]["value"] + 0.1


def test_pyproject_sets_metrics_and_thresholds_and_options_override_it(evaluate, folders):
    (folders / "pyproject.toml").write_text("[tool.s2f.evaluate]\nmetric = 'mse'\nfail-over = {mse = 0}\n")
    code, out, err = evaluate(*FOLDERS, "--json")
    assert code == console.BELOW_THRESHOLD and "mse is" in err
    assert set(json.loads(out)["results"][0]["scores"]) == {"mse"}
    code, _, _ = evaluate(*FOLDERS, "--fail-over", "mse=1")
    assert code == 0


def test_a_score_worse_than_the_baseline_exits_3(evaluate, folders):
    _, out, _ = evaluate("--generated", "ref", "--reference", "ref", "--metric", "mse", "--json")
    (folders / "baseline.json").write_text(out)
    code, _, err = evaluate(*FOLDERS, "--metric", "mse", "--baseline", "baseline.json")
    assert code == console.BELOW_THRESHOLD and "but was 0 in the baseline" in err
    code, _, _ = evaluate(
        "--generated", "ref", "--reference", "ref", "--metric", "mse", "--baseline", "baseline.json"
    )
    assert code == 0


def test_a_baseline_of_equal_images_is_missed_by_others(evaluate, folders):
    _, out, _ = evaluate("--generated", "ref", "--reference", "ref", "--metric", "psnr", "--json")
    (folders / "base.json").write_text(out)
    code, _, err = evaluate(*FOLDERS, "--metric", "psnr", "--baseline", "base.json")
    assert code == console.BELOW_THRESHOLD and "but was inf in the baseline" in err
    code, _, err = evaluate(*FOLDERS, "--metric", "ssim", "--baseline", "base.json")
    assert code == console.BELOW_THRESHOLD and "no such score" in err
    assert (
        evaluate("--generated", "ref", "--reference", "ref", "-m", "psnr", "--baseline", "base.json")[0] == 0
    )


def test_one_equal_pair_does_not_pass_a_gate_for_the_others(evaluate, folders):
    (folders / "gen/anna.png").write_bytes((folders / "ref/anna.png").read_bytes())
    code, out, err = evaluate(*FOLDERS, "--metric", "psnr", "--fail-under", "psnr=60")
    assert (
        code == console.BELOW_THRESHOLD
        and "1 equal pair (anna)" in err
        and "inf" not in out.split("PSNR:")[0]
    )


def test_one_small_pair_is_named_and_the_others_are_scored(evaluate, folders):
    for folder in ("gen", "ref"):
        Image.new("RGB", (9, 9)).save(folders / folder / "nine.png")
    code, out, err = evaluate(*FOLDERS, "--metric", "ssim,mse", "--json")
    assert code == console.FAILED and "nine, ssim: images of 9x9 pixels" in err
    scores = json.loads(out)["results"][0]["scores"]
    assert scores["ssim"]["count"] == 3 and scores["mse"]["count"] == 4


def test_an_unknown_attribute_is_refused(evaluate, folders):
    code, out, err = evaluate(*FOLDERS, "--by", "sexx")
    assert code == 1 and not out and "'sexx'" in err


def test_markdown_escapes_the_names_of_folders(evaluate, folders):
    (folders / "gen").rename(folders / "a|b")
    _, out, _ = evaluate("--generated", "a|b", "--reference", "ref", "--metric", "mse", "--markdown")
    assert out.splitlines()[2].startswith(r"| a\|b | ")


@pytest.mark.parametrize("tolerance", ["nan", "inf", "-1"])
def test_a_tolerance_that_accepts_everything_is_wrong_usage(evaluate, folders, tolerance):
    assert evaluate(*FOLDERS, "--tolerance", tolerance)[0] == 2


def test_a_threshold_on_the_wrong_side_is_warned_of(evaluate, folders):
    code, _, err = evaluate(*FOLDERS, "--metric", "mse", "--fail-under", "mse=0.00001")
    assert code == 0 and "warning: mse is better lower" in err and "--fail-over" in err
    assert "warning" not in evaluate(*FOLDERS, "--metric", "mse", "--fail-over", "mse=1")[2]
