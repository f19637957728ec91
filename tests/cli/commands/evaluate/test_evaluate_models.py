"""`s2f evaluate` on models."""

import itertools
import json
from xml.etree import ElementTree

import pytest
import torch
from typer.testing import CliRunner

from s2f_cli.cli import console
from s2f_cli.cli.app import app
from s2f_cli.data.manifest import Manifest, to_line, write_lines
from s2f_cli.models import bundle, recipes, zoo
from s2f_cli.models.build import build_networks


@pytest.fixture
def trained(tmp_path):
    """A prepared data set in `data`, and in `runs` an untrained model of 16 pixels."""
    result = CliRunner().invoke(app, ["prepare", "demo", "--count", "8", "--output", str(tmp_path / "data")])
    assert result.exit_code == 0, result.output
    small = recipes.read("conv-ae", ["image.size=16"])
    file = tmp_path / "runs" / "0001-conv-ae" / "model.safetensors"
    card = bundle.Card(recipe=small, step=0, seed=0, data="demo", data_digest="")
    bundle.save(file, build_networks(small), card)
    return tmp_path


def test_scores_the_newest_run_on_the_test_split(evaluate, trained):
    code, out, _ = evaluate("--metric", "ssim", "--json")
    results = [r for r in json.loads(out)["results"] if r["kind"] == "measured"]
    assert code == 0
    assert {r["direction"] for r in results} == {"face → sketch", "sketch → face"}
    assert all(r["name"] == "runs/0001-conv-ae" and r["data"].startswith("demo test") for r in results)
    _, out, _ = evaluate("runs/0001-conv-ae/model.safetensors", "--to", "face", "--json")
    (only,) = json.loads(out)["results"]
    assert only["direction"] == "sketch → face"
    assert only["scores"]["ssim"] == next(r for r in results if "→ face" in r["direction"])["scores"]["ssim"]


def test_scores_a_model_by_its_name_in_s2f_models(evaluate, trained, monkeypatch):
    monkeypatch.setattr(zoo, "SHIPPED", trained / "shipped")
    (trained / "shipped").mkdir()
    (trained / "runs/0001-conv-ae/model.safetensors").rename(trained / "shipped/mine.safetensors")
    code, out, _ = evaluate("mine", "--to", "face", "--json")
    assert code == 0
    assert json.loads(out)["results"][0]["direction"] == "sketch → face"
    assert json.loads(out)["results"][0]["name"] == "mine"
    code, _, message = evaluate("mine", "--to", "face", "--by", "sexx")
    assert code == 1 and "'sexx'" in message
    code, _, message = evaluate("mien")
    assert code == 1 and "there is no model 'mien'" in message


def test_scores_a_model_on_two_folders(evaluate, trained):
    code, out, _ = evaluate(
        "--faces", "data/test/face", "--sketches", "data/test/sketch", "--to", "face", "--json"
    )
    assert code == 0
    folders = json.loads(out)["results"][0]
    _, out, _ = evaluate("--to", "face", "--json")
    assert folders["scores"] == json.loads(out)["results"][0]["scores"]


def test_adds_controls_and_means_but_no_printed_numbers_to_drawn_faces(evaluate, trained):
    code, out, _ = evaluate(
        "runs/0001-conv-ae", "runs/0001-conv-ae/model.safetensors",
        "--to", "face", "--control", "--mean", "--metric", "ssim", "--json",
    )  # fmt: skip
    assert code == 0
    rows = json.loads(out)["results"]
    assert [row["kind"] for row in rows] == ["measured", "control", "measured", "control", "mean"]
    first, control, _, _, mean = rows
    assert control["name"] == "runs/0001-conv-ae, blurred"
    assert mean["scores"]["ssim"]["value"] == pytest.approx(first["scores"]["ssim"]["value"])


def test_scores_cycles(evaluate, trained):
    code, out, _ = evaluate("--cycle", "--metric", "mse", "--json")
    assert code == 0
    cycles = {row["direction"]: row["scores"]["mse"]["value"] for row in json.loads(out)["results"]}
    assert list(cycles) == ["face → sketch → face", "sketch → face → sketch", "mean of both cycles"]
    *both, mean = cycles.values()
    assert mean == pytest.approx(sum(both) / 2)


def test_cycles_need_no_pairs(evaluate, trained):
    manifest = Manifest.read(trained / "data")
    entries = [
        entry.model_copy(update={key: {domain: getattr(entry, key)[domain]} for key in ("files", "sha256")})
        for entry, domain in zip(manifest.entries, itertools.cycle(["face", "sketch"]), strict=False)
    ]
    write_lines(trained / "data", manifest.header, map(to_line, entries))
    code, out, _ = evaluate("--cycle", "--metric", "mse,ssim", "--split", "train", "--json")
    rows = json.loads(out)["results"]
    assert code == 0 and len(rows) == 3 and "faces and" in rows[0]["data"]
    assert all(set(row["scores"]) == {"mse", "ssim"} for row in rows)
    code, _, message = evaluate("--metric", "mse", "--split", "train")
    assert code == 1 and "no pairs of a face and a sketch in its split 'train'" in message


def test_fid_of_cycles(evaluate, trained):
    from s2f_cli.evaluation.metrics._inception import inception_network

    torch.save(inception_network().state_dict(), trained / "random.pth")
    code, out, _ = evaluate("--cycle", "--metric", "fid", "--fid-weights", "random.pth", "--json")
    rows = json.loads(out)["results"]
    assert code == 0 and [row["kind"] for row in rows] == ["measured", "measured", "mean"]
    there, back, mean = (row["scores"]["fid"]["value"] for row in rows)
    assert min(there, back) >= 0 and mean == pytest.approx((there + back) / 2)
    assert "not the published 6726825d" in json.loads(out)["metrics"]["fid"]["variant"]


def test_breaks_down_by_an_attribute(evaluate, trained):
    code, out, _ = evaluate("--to", "face", "--metric", "mse", "--by", "smiling", "--json")
    (measured,) = json.loads(out)["results"]
    by = measured["by"]["smiling"]
    assert code == 0 and set(by) <= {"yes", "no", "unknown"}
    assert sum(scores["mse"]["count"] for scores in by.values()) == len(measured["per_image"])
    _, out, _ = evaluate("--to", "face", "--metric", "mse", "--by", "smiling")
    assert "smiling" in out


def test_writes_html_and_junit_reports(evaluate, trained):
    code, _, err = evaluate(
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
    assert code == console.BELOW_THRESHOLD and "HTML report: r.html" in err
    assert "translators" not in (trained / "r.html").read_text()
    suite = ElementTree.parse(trained / "j.xml").getroot()[0]
    assert suite.get("failures") == "1" and suite.get("errors") == "0"


def test_data_of_another_protocol_is_refused_unless_forced(evaluate, trained):
    code, _, message = evaluate("--protocol", "cuhk-88-100")
    assert code == 1 and "is not the data of the protocol cuhk-88-100" in message
    code, out, _ = evaluate("--protocol", "cuhk-88-100", "--anyway", "--to", "face", "--json")
    (measured,) = [r for r in json.loads(out)["results"] if r["kind"] == "measured"]
    assert code == 0 and "protocol cuhk-88-100 2ff8fc0a NOT MET: 6 pairs" in measured["data"]
    assert set(measured["scores"]) == {"ssim"}


def test_missing_data_is_an_error(evaluate):
    code, _, message = evaluate()
    assert code == 1 and "no prepared data set in data" in message


def test_a_missing_model_is_an_error(evaluate, trained):
    (trained / "runs/0001-conv-ae/model.safetensors").unlink()
    code, _, message = evaluate()
    assert code == 1 and "no finished run in runs" in message


def test_options_say_what_models_are_told(evaluate, trained, conditional_model):
    given = ("--given", "labels, skin", "--style", "fine", "--condition", "backdrop=white")
    code, out, _ = evaluate(conditional_model, "--metric", "mse", "--to", "sketch", *given, "--json")
    (result,) = json.loads(out)["results"]
    assert code == 0
    assert result["conditions"] == {
        "style": "fine", "skin": "measured on each photo", "backdrop": "#ffffff"
    }  # fmt: skip
    code, _, message = evaluate("--style", "fine")
    assert code == 1 and message == "none of the models has a condition 'style'"
