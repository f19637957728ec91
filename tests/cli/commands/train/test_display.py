"""How `s2f train` shows the events of a training."""

from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.cli.commands.train.display import LINES, TrainingDisplay
from s2f_cli.training.events import BestScore, Event, Finished, Logged, Started, Stepped, Stopped, Warned
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.run_folder import Run

TOTAL = 5000
BEST = BestScore("val/ssim:face", 0.5, 20, Path("run/best.safetensors"))


@pytest.fixture
def shown(tiny_run: Path, capsys: pytest.CaptureFixture) -> Callable[..., list[str]]:
    """Shows events after a start; returns the lines on stderr."""

    def show(*events: Event, resumed: bool = False, score: str | None = None) -> list[str]:
        run = Run.open(tiny_run)
        with TrainingDisplay(TrainRequest("tiny", output=Path("run"))) as display:
            display(Started(run, 0, TOTAL, "cpu", 1, resumed, score))
            for event in events:
                display(event)
        out, err = capsys.readouterr()
        assert not out
        return err.splitlines()

    return show


def test_without_a_terminal_a_training_prints_about_twenty_lines(shown) -> None:
    events: list[Event] = []
    for step in range(1, TOTAL + 1):
        events.append(Stepped(step, TOTAL, 0, "train", 8.0, (TOTAL - step) / 4))
        if step % 10 == 0:
            events.append(
                Logged(step, TOTAL, 0, "train", {"generators/cycle": 0.25}, 8.0, (TOTAL - step) / 4)
            )
    first, *lines = shown(*events)
    assert first.startswith("training tiny into ") and first.endswith(f" on cpu, {TOTAL} steps")
    assert LINES <= len(lines) <= LINES + 2
    assert lines[0].startswith(f"step 10/{TOTAL}  epoch 1  8.0 images/s  21 min left")
    assert lines[-1].startswith(f"step {TOTAL}/{TOTAL}  epoch 1  8.0 images/s  0 s left")
    assert lines[-1].endswith("generators/cycle 0.2500")


@pytest.mark.parametrize(("split", "warned"), [("val", False), ("test", True)])
def test_scores_on_the_test_split_come_with_a_warning(shown, split: str, warned: bool) -> None:
    line = shown(score=f"{split}/ssim:face")[1]
    assert line.startswith(f"keeping the best model by ssim:face on the split {split}")
    assert line.endswith("its scores there will be optimistic") is warned


def test_a_stop_prints_the_command_that_resumes(shown, tiny_run: Path) -> None:
    line = shown(Stopped(20, TOTAL, "requested", 0, BEST))[-1]
    command = f"s2f train tiny --output {tiny_run} --resume"
    assert line == f"stopped at step 20 of {TOTAL}, saved; resume with: {command}"


def test_an_early_stop_names_the_score_and_the_best_model(shown) -> None:
    stale, stopped, best = shown(Stopped(40, TOTAL, "stale", 2, BEST))[1:]
    assert stale == "no better val/ssim:face for 2 evaluations: stopping early"
    assert stopped.startswith("stopped at step 40 of ")
    assert best == "best by val/ssim:face: 0.5 at step 20, run/best.safetensors"


def test_warnings_and_the_best_model_are_lines(shown) -> None:
    lines = shown(Warned(3, "no samples at step 3: a.png"), Finished(TOTAL, TOTAL, BEST), resumed=True)
    assert lines[0].startswith("resuming ") and f"at step 0 of {TOTAL} on cpu" in lines[0]
    assert lines[1:] == [
        "no samples at step 3: a.png",
        "best by val/ssim:face: 0.5 at step 20, run/best.safetensors",
    ]
