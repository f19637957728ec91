"""The files for schedulers parse, and their commands are those of s2f."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from s2f_cli.cli.app import app

FOLDER = Path(__file__).parents[2] / "docs/scale"
S2F = typer.main.get_command(app)


def parses(words: list[str]) -> None:
    command: Any = S2F.get_command(typer.Context(S2F), words[0])  # type: ignore[attr-defined]
    command.make_context(words[0], words[1:]).close()


def read(name: str) -> Any:
    return pytest.importorskip("yaml").safe_load((FOLDER / name).read_text())


def test_the_array_job_names_its_shard() -> None:
    line = re.search(r"^s2f (.*) > /dev/null$", (FOLDER / "translate.slurm").read_text(), re.MULTILINE)
    assert line
    text = line[1].replace("${SLURM_ARRAY_TASK_ID:-0}", "2").replace("$shards", "16").replace("$", "")
    parses(shlex.split(text))


def test_the_indexed_job_has_as_many_shards_as_pods() -> None:
    spec = read("kubernetes-job.yaml")["spec"]
    words = spec["template"]["spec"]["containers"][0]["args"]
    assert words[-1] == f"$(JOB_COMPLETION_INDEX)/{spec['completions']}"
    parses([word.replace("$(JOB_COMPLETION_INDEX)", "0") for word in words])


def test_machines_of_a_training_run_the_same_command() -> None:
    replicas = read("pytorchjob.yaml")["spec"]["pytorchReplicaSpecs"]
    assert replicas["Master"] == replicas["Worker"]
    (script,) = replicas["Master"]["template"]["spec"]["containers"][0]["args"]
    words = shlex.split(script.split("-m s2f_cli ")[1].replace("\\\n", " ").replace("$resume", "--resume"))
    parses(words)


def test_every_spot_machine_does_its_shard() -> None:
    script = read("skypilot.yaml")["run"].replace("\\\n", " ").split(" > ")[0]
    words = shlex.split(script.replace("$SKYPILOT_NODE_RANK", "0").replace("$SKYPILOT_NUM_NODES", "8"))
    assert words[-1] == "0/8"
    parses(words[1:])
