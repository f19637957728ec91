"""What a person asked of `s2f train`, as data, and the words that ask it."""

import shlex
from dataclasses import dataclass, fields, replace
from pathlib import Path

SAVE_EVERY, SAMPLE_EVERY, EVALUATE_EVERY = 500, 250, 500
"""Steps from one save, sample grid or evaluation to the next."""


@dataclass(frozen=True)
class TrainRequest:
    """What a person asked of `s2f train`; None where nothing was said."""

    recipe: str
    data: Path = Path("data")
    output: Path | None = None
    steps: int | None = None
    epochs: int | None = None
    overrides: tuple[str, ...] = ()
    seed: int | None = None
    device: str = "auto"
    precision: str = "auto"
    accumulate: int = 1
    deterministic: bool = False
    compile: bool = False
    resume: bool = False
    init_from: Path | None = None
    save_every: int = SAVE_EVERY
    keep_every: int | None = None
    sample_every: int = SAMPLE_EVERY
    best_by: str | None = None
    evaluate_every: int | None = None
    evaluate_on: str | None = None
    patience: int | None = None

    @property
    def judges(self) -> bool:
        """Whether the model is to be scored while it is trained."""
        return bool(self.best_by or self.evaluate_every or self.evaluate_on or self.patience)

    def words(self, folder: Path) -> list[str]:
        """The words of the command that does this into a folder."""
        words = ["s2f", "train", self.recipe, "--output", str(folder)]
        for override in self.overrides:
            words += ["--set", override]
        usual = TrainRequest(self.recipe)
        for field in fields(self):
            value, flag = getattr(self, field.name), f"--{field.name.replace('_', '-')}"
            if field.name in ("recipe", "output", "overrides") or value == getattr(usual, field.name):
                continue
            words += [flag] if value is True else [flag, str(value)]
        return words

    def again(self, folder: Path) -> str:
        """The command that goes on with the run in a folder."""
        kept = {"steps": None, "epochs": None, "seed": None, "precision": "auto", "init_from": None}
        return shlex.join(replace(self, overrides=(), resume=True, **kept).words(folder))  # type: ignore[arg-type]
