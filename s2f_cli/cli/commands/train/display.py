"""The events of a training on stderr: lines, a progress bar and a table of losses."""

from types import TracebackType

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from s2f_cli.cli import console
from s2f_cli.cli.commands.train.command_line import resume_command
from s2f_cli.training.events import (
    Advised,
    BestScore,
    Event,
    Finished,
    Initialised,
    Logged,
    Started,
    Stepped,
    Stopped,
    Warned,
)
from s2f_cli.training.request import TrainRequest

LINES = 20
"""Lines of progress that a whole training prints without a terminal."""


class TrainingDisplay:
    """Shows events: a live progress bar with the losses on a terminal, about twenty plain lines elsewhere."""

    def __init__(self, request: TrainRequest) -> None:
        self._request = request
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TextColumn("{task.fields[left]}"),
            console=console.err,
        )
        self._live = Live(self._bar, console=console.err, refresh_per_second=4)
        self._folder = request.output
        self._task = self._bar.add_task("", total=None, speed="", left="")
        self._next_line = 0

    def __enter__(self) -> "TrainingDisplay":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live.is_started:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Initialised():
                columns = ("role", "taken", "other shape", "missing")
                rows = [tuple(map(str, match)) for match in event.matches]
                console.err.print(console.table(f"weights of {event.source}", columns, rows))
            case Started():
                self._start(event)
            case Stepped() if console.err.is_terminal:
                self._bar.update(self._task, completed=event.step, speed=_speed(event), left=_left(event))
            case Logged():
                self._losses(event)
            case Advised():
                console.say(f"health: {event.advice.line}")
            case Warned():
                console.say(event.message)
            case Stopped():
                self._stop(event)
            case Finished():
                _say_best(event.best)

    def _start(self, event: Started) -> None:
        folder, recipe = event.run.folder, event.run.settings.recipe.name
        where = event.device + (f" in {event.processes} processes" if event.processes > 1 else "")
        if event.resumed:
            console.say(f"resuming {folder} at step {event.step} of {event.total} on {where}")
        else:
            console.say(f"training {recipe} into {folder} on {where}, {event.total} steps")
        if event.score:
            split, _, score = event.score.partition("/")
            warning = ": its scores there will be optimistic" if split == "test" else ""
            console.say(f"keeping the best model by {score} on the split {split}{warning}")
        self._folder = folder
        self._next_line = event.step
        self._bar.update(self._task, description=recipe, total=event.total, completed=event.step)
        if console.err.is_terminal:
            self._live.start()

    def _losses(self, event: Logged) -> None:
        if console.err.is_terminal:
            rows = [(name, f"{value:.4f}") for name, value in event.losses.items()]
            title = f"{event.stage}, epoch {event.epoch + 1}"
            self._live.update(Group(self._bar, console.table(title, ("loss", "value"), rows)))
        elif event.step >= self._next_line or event.step == event.total:
            self._next_line = event.step + max(1, event.total // LINES)
            losses = "  ".join(f"{name} {value:.4f}" for name, value in event.losses.items())
            at = f"step {event.step}/{event.total}  epoch {event.epoch + 1}"
            console.say(f"{at}  {_speed(event)}  {_left(event)}  {losses}")

    def _stop(self, event: Stopped) -> None:
        assert self._folder is not None
        if event.reason == "stale" and event.best:
            console.say(f"no better {event.best.key} for {event.stale} evaluations: stopping early")
        if event.reason == "budget":
            console.say(
                f"the budget of {self._request.budget} is used up at step {event.step} of {event.total}"
            )
            _say_best(event.best)
            return
        resume = resume_command(self._request, self._folder)
        console.say(f"stopped at step {event.step} of {event.total}, saved; resume with: {resume}")
        if event.reason == "stale":
            _say_best(event.best)


def _speed(event: Stepped | Logged) -> str:
    return f"{event.images_per_second:.1f} images/s"


def _left(event: Stepped | Logged) -> str:
    return f"{console.duration(event.seconds_left)} left"


def _say_best(best: BestScore | None) -> None:
    if best:
        console.say(f"best by {best.key}: {best.value:.4g} at step {best.step}, {best.file}")
