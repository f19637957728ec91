"""The settings of a training, as `s2f train` and the Python API take them. Imports no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from s2f_cli.core.errors import RunError

SAVE_EVERY, SAMPLE_EVERY, EVALUATE_EVERY = 500, 250, 500
"""Default number of steps between saves, sample grids and evaluations."""
BEST_BY = "ssim"
"""Metric that chooses the best checkpoint of a run that is scored without naming one."""

Precision = Literal["fp32", "bf16", "fp16"]
PrecisionChoice = Literal["auto", "fp32", "bf16", "fp16"]


@dataclass(frozen=True)
class TrainRequest:
    """The settings of one training. None leaves a choice to s2f."""

    recipe: str
    """Name of a recipe, or path of a .toml file."""
    data: Path = Path("data")
    """Folder of a prepared data set."""
    output: Path | None = None
    """Run folder; None is the next number in ./runs, or with `resume` the newest run of the recipe."""
    steps: int | None = None
    """Steps of each stage, instead of the recipe's."""
    epochs: int | None = None
    """Epochs of each stage, instead of the recipe's."""
    budget: str | None = None
    """What the training may cost, in place of a length: `90s`, `20m`, `2h`, `3000steps`, `200000images`."""
    overrides: tuple[str, ...] = ()
    """Recipe keys to change, `key=value` each."""
    seed: int | None = None
    """Seed of all randomness, ≥ 0; None is 0."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda`, `cuda:1` or `mps`."""
    precision: PrecisionChoice = "auto"
    """Number format of the networks; `auto` is bf16 if the device and the recipe suit it, else fp32."""
    accumulate: int = 1
    """Micro-batches that each batch is split into (gradient accumulation)."""
    deterministic: bool = False
    """Use only operations that give the same bits every time; slower."""
    compile: bool = False
    """Compile the networks with `torch.compile`."""
    resume: bool = False
    """Continue the run in `output` from its last save."""
    init_from: Path | None = None
    """Model whose weights to start from: a file, a run folder or a name of `s2f models`."""
    save_every: int = SAVE_EVERY
    """Steps between saves."""
    keep_every: int | None = None
    """Steps between copies of the model that later saves leave alone; None keeps no copies."""
    sample_every: int = SAMPLE_EVERY
    """Steps between sample grids."""
    best_by: str | None = None
    """`METRIC` or `METRIC:DOMAIN` that chooses the best checkpoint, like `ssim:face`."""
    evaluate_every: int | None = None
    """Steps between evaluations; None is 500 if checkpoints are scored."""
    evaluate_on: str | None = None
    """Split to score on; None is `val` if it has pairs, else `test`."""
    patience: int | None = None
    """Stop early after this many evaluations without a better score; None never stops early."""

    def check(self) -> None:
        """Raise RunError if two settings contradict each other."""
        if self.resume and self.init_from:
            raise RunError("a resumed run continues with its own weights", "remove init_from")
        if self.budget and (self.steps or self.epochs):
            raise RunError("a budget sets the length of a training", "remove steps and epochs, or the budget")

    @property
    def scored(self) -> bool:
        """Whether checkpoints are scored: any of the four scoring settings turns it on."""
        return bool(self.best_by or self.evaluate_every or self.evaluate_on or self.patience)
