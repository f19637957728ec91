"""Names that the shell completes."""

from pathlib import Path

import pytest

from s2f_cli.cli import completion


def test_styles_are_those_of_the_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S2F_HOME", str(tmp_path))
    assert completion.styles("") == ["all", "bold", "graphite", "outline", "shaded"]
    assert completion.styles("gr") == ["graphite"]


def test_of_several_metrics_the_last_is_completed() -> None:
    assert "ssim,fid" in completion.metrics("ssim,fi")
