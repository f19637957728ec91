"""Names that the shell completes."""

from pathlib import Path

import pytest

from s2f_cli.cli import completion
from s2f_cli.evaluation import protocols
from s2f_cli.models import recipes, zoo


def test_styles_are_those_of_the_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S2F_HOME", str(tmp_path))
    assert completion.styles("") == ["all", "bold", "graphite", "outline", "shaded"]
    assert completion.styles("gr") == ["graphite"]


def test_of_several_metrics_the_last_is_completed() -> None:
    assert "ssim,fid" in completion.metrics("ssim,fi")


def test_all_names_are_completed(here: Path) -> None:
    assert completion.recipes("") == recipes.names()
    assert completion.protocols("") == protocols.names()
    assert completion.models("") == zoo.names()
    assert completion.models("sk") == ["sketch-to-face"]
    assert completion.sketchers("pen") == ["pencil"]


def test_runs_are_completed_by_their_names_and_as_models(here: Path) -> None:
    for name in ("0001-tiny", "sweep-tiny/seed=0"):
        (here / "runs" / name).mkdir(parents=True)
        (here / "runs" / name / "run.json").touch()
    assert completion.runs("") == ["0001-tiny", "sweep-tiny/seed=0"]
    assert completion.models("runs/0") == ["runs/0001-tiny"]


def test_the_shell_is_given_the_names(s2f, here: Path, monkeypatch) -> None:
    for name, value in {
        "_S2F_COMPLETE": "complete_bash",
        "COMP_WORDS": "s2f train pix",
        "COMP_CWORD": "2",
    }.items():
        monkeypatch.setenv(name, value)
    assert s2f().lines == ["pix2pix", "pix2pix-small"]
