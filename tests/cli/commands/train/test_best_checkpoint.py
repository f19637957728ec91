"""`s2f train --best-by`: the best model of a run is kept."""

import json
import shutil
from pathlib import Path

import pytest

from s2f_cli.data.manifest import Manifest, to_line, write_lines
from s2f_cli.models import bundle

CPU = ("--device", "cpu")


def _scores(run: Path, name: str) -> dict[int, float]:
    records = map(json.loads, (run / "log.jsonl").read_text().splitlines())
    return {record["step"]: record[name] for record in records if name in record}


@pytest.fixture
def scored(s2f, here: Path, data: Path, tiny_recipe: Path):
    def train(*arguments):
        return s2f("train", tiny_recipe, "-o", "run", "--data", data, *arguments, *CPU)

    return train


def test_the_best_model_is_kept_with_its_scores(scored, s2f, data: Path) -> None:
    result = scored("--best-by", "ssim:face", "--evaluate-every", 4)
    assert result.code == 0, result.err
    assert (
        "keeping the best model by ssim:face on the split test: its scores there will be optimistic"
        in result.err
    )
    scores = _scores(Path("run"), "test/ssim:face")
    assert list(scores) == [0, 4, 6]
    step = max(scores, key=scores.get)
    assert f"best by test/ssim:face: {scores[step]:.4g} at step {step}, run/best.safetensors" in result.err
    card = bundle.read_card(Path("run/best.safetensors"))
    assert card.step == step and card.scores["test/ssim:face"] == scores[step]
    again = s2f("evaluate", "run/best.safetensors", "--to", "face", "--data", data, "--json")
    result = json.loads(again.out)["results"][0]
    assert result["scores"]["ssim"]["value"] == pytest.approx(scores[step], abs=1e-6)
    assert "ssim:face" in result["provenance"]["chosen by"]


def test_scoring_does_not_change_the_training(scored, tiny_run: Path) -> None:
    assert scored("--best-by", "mse", "--evaluate-every", 1).code == 0
    assert Path("run/model.safetensors").read_bytes() == (tiny_run / "model.safetensors").read_bytes()
    scores = _scores(Path("run"), "test/mse")
    assert list(scores) == [0, 1, 2, 3, 4, 5, 6]
    assert bundle.read_card(Path("run/best.safetensors")).step == min(scores, key=scores.get)


def test_scoring_does_not_change_a_training_in_fp32(scored) -> None:
    """Where a processor has bf16, `auto` trains in it and in another layout than fp32."""
    model = Path("run/model.safetensors")
    assert scored("--precision", "fp32").code == 0
    unscored = model.read_bytes()
    shutil.rmtree("run")
    assert scored("--precision", "fp32", "--best-by", "mse", "--evaluate-every", 1).code == 0
    assert model.read_bytes() == unscored


def test_a_resumed_run_remembers_the_best(scored) -> None:
    assert scored("--best-by", "mse", "--evaluate-every", 1).code == 0
    best, log = Path("run/best.safetensors").read_bytes(), Path("run/log.jsonl").read_text()
    shutil.rmtree("run")
    assert scored("--best-by", "mse", "--evaluate-every", 1, "--steps", 3).code == 0
    assert scored("--best-by", "mse", "--evaluate-every", 1, "--steps", 6, "--resume").code == 0
    assert Path("run/best.safetensors").read_bytes() == best
    scored = [line for line in log.splitlines() if "test/mse" in line]
    assert [line for line in Path("run/log.jsonl").read_text().splitlines() if "test/mse" in line] == scored


def test_the_split_val_is_preferred_to_test(scored, data: Path) -> None:
    manifest = Manifest.read(data)
    first = manifest.pairs("test")[0].name
    entries = [e.model_copy(update={"split": "val"} if e.name == first else {}) for e in manifest.entries]
    original = (data / "manifest.jsonl").read_bytes()
    try:
        write_lines(data, manifest.header, map(to_line, entries))
        result = scored("--evaluate-every", 6)
        named = scored("--evaluate-on", "test", "-o", "other")
    finally:
        (data / "manifest.jsonl").write_bytes(original)
    assert "by ssim on the split val\n" in result.err
    assert _scores(Path("run"), "val/ssim") and not _scores(Path("run"), "test/ssim")
    assert "by ssim on the split test" in named.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--best-by", "ssmi"), "did you mean 'ssim'"),
        (("--best-by", "ssim:hand"), "known: ssim, ssim:face, ssim:sketch"),
        (("--best-by", "ssim", "--evaluate-on", "nowhere"), "has no split 'nowhere'"),
        (("--best-by", "ms_ssim"), "too small for five scales"),
    ],
)
def test_an_impossible_score_is_refused(scored, arguments, message) -> None:
    result = scored(*arguments)
    assert result.code == 1 and message in result.err


def test_an_unreadable_pair_is_reported_once_and_the_others_are_scored(
    s2f, here: Path, make_data, tiny_recipe: Path
) -> None:
    make_data(Path("data"), train=(2, 2), test=(3, 3))
    first, *others = sorted(Path("data/test/sketch").glob("*.png"))
    first.write_bytes(b"")
    arguments = ("train", tiny_recipe, "--data", "data", "--best-by", "mse", "--evaluate-every", 2, *CPU)
    result = s2f(*arguments, "-o", "some")
    assert result.code == 0 and list(_scores(Path("some"), "test/mse")) == [0, 2, 4, 6]
    assert result.err.count("is not scored: ") == 1
    for file in others:
        file.write_bytes(b"")
    result = s2f(*arguments, "-o", "none")
    assert result.code == 0 and bundle.read_card(Path("none/model.safetensors")).step == 6
    assert "no scores at step 0" in result.err and not Path("none/best.safetensors").exists()
