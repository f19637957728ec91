"""`torchrun … s2f train`: one process writes, all stop together, any number of processes can resume."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from s2f_cli.models import bundle

PROGRAM = Path(__file__).with_name("train_until_killed.py")


TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
FORKED = (Path(__file__).parents[1] / "helpers/forked_torchrun.py",)


def in_two_processes(
    *arguments: object, launch: Sequence[object] = TORCHRUN, kill_after: int = -1
) -> subprocess.CompletedProcess[str]:
    """Run `s2f` as two processes; kill the second one after `kill_after` steps."""
    return subprocess.run(
        [sys.executable, *map(str, (*launch, PROGRAM, *arguments))],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "S2F_TEST_KILL_AFTER": str(kill_after)},
    )


def steps_logged(run: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_run_whose_process_was_killed_resumes_in_one_process(
    s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path
) -> None:
    arguments = ("train", tiny_recipe, "-o", "run", "--data", data, "--device", "cpu", "--save-every", 1)
    killed = in_two_processes(*arguments, kill_after=3)
    assert killed.returncode != 0
    assert f'Traceback (most recent call last):\n  File "{PROGRAM}' not in killed.stderr
    assert "error: process 0 lost its connection to the others" in killed.stderr
    assert "continue from the last save with --resume; the number of processes may change" in killed.stderr
    assert torch.load("run/state.pt", weights_only=True)["step"] == 3
    result = s2f(*arguments, "--resume")
    assert result.code == 0 and "at step 3 of 6" in result.err
    assert steps_logged(Path("run")) == [1, 2, 3, 4, 5, 6]
    assert not list(Path("run").rglob(".s2f-*"))

    words = ("train", tiny_recipe, "-o", "two", "--data", data, "--device", "cpu")
    two = in_two_processes(*words, launch=FORKED)
    assert two.returncode == 0, two.stderr
    assert two.stdout == "two\n" and "on cpu in 2 processes, 6 steps" in two.stderr
    assert steps_logged(Path("two")) == [1, 2, 3, 4, 5, 6]
    assert len(list(Path("two").glob("events.out.tfevents*"))) == 1
    for run in ("run", "two"):
        networks, card = bundle.load(Path(run) / "model.safetensors")
        alone, _ = bundle.load(tiny_run / "model.safetensors")
        assert card.step == 6
        for name, value in alone.named_parameters():
            torch.testing.assert_close(networks.state_dict()[name], value, rtol=0, atol=0.02)


def test_a_batch_that_cannot_be_split_evenly_is_refused(
    s2f, here: Path, data: Path, tiny_recipe: Path
) -> None:
    result = s2f("train", tiny_recipe, "--accumulate", 3, "--data", data, "--device", "cpu")
    assert result.code == 1
    assert (
        "error: a batch of 2 cannot be split evenly over 1 processes with 3 accumulation steps each"
        in result.err
    )
    assert "--set batch_size=3, or a multiple of it" in result.err and not Path("runs").exists()
