"""The workflow of docs/ci.md, its commands run by a shell."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from s2f_cli.cli import console

PAGE = Path(__file__).parents[2] / "docs" / "ci.md"


def _commands():
    (workflow,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    steps = re.findall(r"- name: (\w+)\n +run: \|\n((?: {10}.*\n)+)", workflow)
    return {name: textwrap.dedent(body) for name, body in steps}


@pytest.mark.parametrize(("bound", "expected"), [(0.0, 0), (0.999, console.BELOW_THRESHOLD)])
def test_the_workflow_passes_and_fails_by_its_threshold(tmp_path, model, bound, expected):
    (tmp_path / "model.safetensors").write_bytes(model.read_bytes())
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.s2f.evaluate]\nmetric = ['ssim', 'mse']\nfail-under = {{ssim = {bound}}}\n"
    )
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "s2f").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m s2f_cli "$@"\n')
    (binaries / "s2f").chmod(0o755)
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": "summary.md", "PATH": path}
    commands = _commands()
    assert list(commands) == ["install", "data", "score"]
    result = subprocess.run(
        ["sh", "-e", "-c", commands["data"] + commands["score"]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == expected, result.stderr
    assert "SSIM ↑" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert (tmp_path / "scores.xml").is_file() and (tmp_path / "scores.html").is_file()


def test_the_pyproject_table_of_the_page_is_a_valid_gate(tmp_path):
    from s2f_cli.evaluation.thresholds import QualityGate

    (table,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(table)
    gate = QualityGate.read(tmp_path)
    assert gate.metrics == ("ssim", "mse") and len(gate.thresholds) == 2 and gate.tolerance == 0.01
