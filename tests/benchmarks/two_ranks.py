"""Measure how far two processes with half the batch each differ from one with all of it. Run by hand:

    python tests/benchmarks/two_ranks.py

Trains the small recipe of each objective in `tests/helpers/train_objectives.py` on the demo data, and prints
the table of `docs/performance.md`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from torch import Tensor

HELPERS = Path(__file__).parents[1] / "helpers"
sys.path.insert(0, str(HELPERS))

from s2f_cli.cli.console import markdown  # noqa: E402
from train_objectives import OBJECTIVES, STEPS, small, trained  # noqa: E402


def largest_difference(first: dict[str, Tensor], second: dict[str, Tensor], losses: bool) -> float:
    """Largest difference of the losses, or of the weights; losses are named `STEP PLAYER/TERM`."""
    names = [name for name in first if name[0].isdigit() == losses]
    return max(float((first[name].double() - second[name].double()).abs().max()) for name in names)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        data, out = Path(temporary, "data"), Path(temporary, "two.pt")
        s2f = [sys.executable, "-m", "s2f_cli"]
        subprocess.run(
            [*s2f, "prepare", "demo", "-o", data, "--count", "12"], check=True, capture_output=True
        )
        launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        subprocess.run([*launch, HELPERS / "train_objectives.py", data, out], check=True)
        two = torch.load(out, weights_only=True)
        rows = []
        for objective in OBJECTIVES:
            whole = trained(small(objective), data)
            accumulated = trained(small(objective), data, accumulation_steps=2)
            rows.append(
                (
                    objective,
                    *(f"{largest_difference(whole, two[objective], losses):.1e}" for losses in (True, False)),
                    *(f"{largest_difference(whole, accumulated, losses):.1e}" for losses in (True, False)),
                )
            )
    print(f"after {STEPS} steps, float64, without batch norm")
    print(
        markdown(
            ("objective", "losses", "weights", "losses, --accumulate 2", "weights, --accumulate 2"), rows
        )
    )


if __name__ == "__main__":
    main()
