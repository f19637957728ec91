"""What `s2f train` shows while it runs."""

import time
from types import TracebackType

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from s2f_cli.cli import console

_LINES = 20
"""How many plain lines a whole training prints where there is no terminal."""


class TrainingDisplay:
    """A live progress bar and loss table on a terminal, about twenty plain lines elsewhere; all on stderr."""

    def __init__(self, title: str, done: int, total: int) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console.err,
        )
        self._task = self._bar.add_task(title, total=total, completed=done, speed="")
        self._live = Live(self._bar, console=console.err, refresh_per_second=4)
        self._total = total
        self._started = time.monotonic()
        self._images = 0
        self._first = done
        self._next_line = done

    def __enter__(self) -> "TrainingDisplay":
        if console.err.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if console.err.is_terminal:
            self._live.stop()

    @property
    def images_per_second(self) -> float:
        """Training images of one domain (or pairs) per second since the start."""
        return self._images / max(time.monotonic() - self._started, 1e-9)

    def step(self, step: int, epoch: int, stage: str, images: int, losses: dict[str, float] | None) -> None:
        """One step is done; `losses` only when they were read."""
        self._images += images
        speed = f"{self.images_per_second:.1f} images/s"
        if console.err.is_terminal:
            self._bar.update(self._task, completed=step, speed=speed)
            if losses is not None:
                self._live.update(Group(self._bar, _table(stage, epoch, losses)))
        elif losses is not None and (step >= self._next_line or step == self._total):
            self._next_line = step + max(1, self._total // _LINES)
            left = (time.monotonic() - self._started) / (step - self._first) * (self._total - step)
            terms = "  ".join(f"{name} {value:.4f}" for name, value in losses.items())
            console.say(f"step {step}/{self._total}  epoch {epoch + 1}  {speed}  {left:.0f} s left  {terms}")


def _table(stage: str, epoch: int, losses: dict[str, float]) -> Table:
    rows = [(name, f"{value:.4f}") for name, value in losses.items()]
    return console.table(f"{stage}, epoch {epoch + 1}", ("loss", "value"), rows)
