"""`torchrun … s2f train`: one writes, all stop together, and any number of processes goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import torch

from s2f_cli.models import bundle

PROGRAM = Path(__file__).with_name("one_rank_dies.py")


def together(*arguments: object, dies: int = -1) -> subprocess.CompletedProcess[str]:
    """`s2f` with these arguments, as two processes."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", PROGRAM]
    return subprocess.run(
        [sys.executable, *map(str, (*launch, *arguments))],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "S2F_TEST_DIES": str(dies)},
    )


def steps_logged(run: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]


def test_one_dies_and_one_process_goes_on(
    s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path
) -> None:
    arguments = ("train", tiny_recipe, "-o", "run", "--data", data, "--device", "cpu", "--save-every", 1)
    done = together(*arguments, dies=3)
    assert (
        done.returncode != 0
        and 'Traceback (most recent call last):\n  File "' + str(PROGRAM) not in done.stderr
    )
    assert "error: process 0 lost the others" in done.stderr
    assert "continue from the last save with --resume; the number of processes may change" in done.stderr
    assert torch.load("run/state.pt", weights_only=True)["step"] == 3
    result = s2f(*arguments, "--resume")
    assert result.code == 0 and "at step 3 of 6" in result.err
    assert steps_logged(Path("run")) == [1, 2, 3, 4, 5, 6]
    assert not list(Path("run").rglob(".s2f-*"))

    two = together("train", tiny_recipe, "-o", "two", "--data", data, "--device", "cpu")
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


def test_a_batch_that_cannot_be_cut_is_refused(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    result = s2f("train", tiny_recipe, "--accumulate", 3, "--data", data, "--device", "cpu")
    assert result.code == 1
    assert (
        "error: a batch of 2 cannot be split evenly over 1 processes with 3 accumulation steps each"
        in result.err
    )
    assert "--set batch_size=3, or a multiple of it" in result.err and not Path("runs").exists()
