"""The events that a trainer yields: everything a progress bar, a logger or a notebook needs to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image

from s2f_cli.training.health import Advice
from s2f_cli.training.initial_weights import Match
from s2f_cli.training.run_folder import Run

StopReason = Literal["requested", "stale", "budget"]


class BestScore(NamedTuple):
    """The best score of a run so far."""

    key: str
    """`SPLIT/METRIC` or `SPLIT/METRIC:DOMAIN`, as in `log.jsonl`."""
    value: float
    step: int
    file: Path
    """The model with that score."""


@dataclass(frozen=True)
class Initialised:
    """The networks took weights from another model (`init_from`)."""

    source: Path
    matches: Sequence[Match]


@dataclass(frozen=True)
class Started:
    """The run folder is ready, and the first step follows."""

    run: Run
    step: int
    """Steps done so far; 0 for a new run."""
    total: int
    device: str
    processes: int
    resumed: bool
    score: str | None
    """`SPLIT/METRIC:DOMAIN` that chooses the best checkpoint; None if checkpoints are not scored."""


@dataclass(frozen=True)
class Stepped:
    """One step is done."""

    step: int
    """Steps done so far, over all stages."""
    total: int
    epoch: int
    """Epoch of the stage, from 0."""
    stage: str
    images_per_second: float
    """Training images of one domain (or pairs) per second since the start."""
    seconds_left: float
    """Estimate of the time to the end of the training."""


@dataclass(frozen=True)
class Logged:
    """The losses of a step are read and appended to `log.jsonl`."""

    step: int
    total: int
    epoch: int
    stage: str
    losses: Mapping[str, float]
    """Unweighted losses by `player/term`."""
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Advised:
    """The health checks found a sign of trouble."""

    step: int
    advice: Advice


@dataclass(frozen=True)
class Sampled:
    """A grid of sample images is written."""

    step: int
    file: Path
    image: Image.Image


@dataclass(frozen=True)
class Scored:
    """The model is scored; a new best is saved as `best.safetensors`."""

    step: int
    scores: Mapping[str, float]
    """Scores by `SPLIT/METRIC:DOMAIN`."""
    best: bool
    """Whether this is the best checkpoint so far."""
    stale: int
    """Evaluations since the best one."""


@dataclass(frozen=True)
class Saved:
    """The model and the state of the training are on disk."""

    step: int
    file: Path
    kept: Path | None
    """The copy that later saves leave alone, if one was due."""


@dataclass(frozen=True)
class Warned:
    """Something failed that does not stop the training, such as reading an image of the test split."""

    step: int
    message: str


@dataclass(frozen=True)
class Stopped:
    """The training ended early, and is saved. The last event."""

    step: int
    total: int
    reason: StopReason
    """`requested` by `Trainer.stop`; `stale`: `patience` evaluations without a better score; `budget`:
    the time is used up."""
    stale: int
    best: BestScore | None


@dataclass(frozen=True)
class Finished:
    """All steps are done, and saved. The last event."""

    step: int
    total: int
    best: BestScore | None


Event = (
    Initialised
    | Started
    | Stepped
    | Logged
    | Advised
    | Sampled
    | Scored
    | Saved
    | Warned
    | Stopped
    | Finished
)
