"""The trainer as a library: its events, its saves, and how it stops and resumes."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from s2f_cli.core.errors import RunError, S2FError
from s2f_cli.evaluation.checkpoint_scorer import CheckpointScorer
from s2f_cli.evaluation.scored_training import train
from s2f_cli.inference.translator import Translator
from s2f_cli.models import bundle
from s2f_cli.training import health, trainer
from s2f_cli.training.events import (
    Advised,
    Event,
    Finished,
    Initialised,
    Logged,
    Sampled,
    Saved,
    Scored,
    Started,
    Stepped,
    Stopped,
    Warned,
)
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.run_folder import Run
from s2f_cli.training.trainer import Trainer


@pytest.fixture
def request_(here: Path, data: Path, tiny_recipe: Path) -> TrainRequest:
    """Trains the tiny recipe for its 6 steps into `run`."""
    return TrainRequest(str(tiny_recipe), data, Path("run"), device="cpu")


def steps_of(kind: type, events: list[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, kind)]  # type: ignore[attr-defined]


def scored_by(*values: float) -> Callable[..., object]:
    """A factory of scorers that give these scores, one evaluation after the other; higher is better."""

    class Scores:
        by, split = "ssim", "test"

        def __init__(self, *_: object) -> None:
            self.left_out: dict[str, str] = {}
            self._values: Iterator[float] = iter(values)

        def scores(self, translator: Translator) -> dict[str, float]:
            return {"ssim": next(self._values)}

        def better(self, value: float, than: float | None) -> bool:
            return than is None or value > than

    return Scores


def test_the_order_and_steps_of_the_events(request_: TrainRequest, tiny_run: Path) -> None:
    request_ = replace(request_, save_every=2, keep_every=4, sample_every=3)
    events = list(Trainer(request_).run())
    first, last = events[0], events[-1]
    assert isinstance(first, Started) and isinstance(last, Finished)
    assert (first.step, first.total, first.device, first.resumed, first.score) == (0, 6, "cpu", False, None)
    assert first.run.folder == Path("run")
    assert (last.step, last.total, last.best) == (6, 6, None)
    assert steps_of(Stepped, events) == steps_of(Logged, events) == [1, 2, 3, 4, 5, 6]
    assert steps_of(Sampled, events) == [3, 6]
    assert steps_of(Saved, events) == [2, 4, 6]
    kept = [event.kept for event in events if isinstance(event, Saved)]
    assert kept == [None, Path("run/kept/000004.safetensors"), None]
    files = [event.file for event in events if isinstance(event, Sampled)]
    assert files == sorted(Path("run/samples").iterdir())
    for file in ("model.safetensors", "log.jsonl"):
        assert (Path("run") / file).read_bytes() == (tiny_run / file).read_bytes()


def test_logged_losses_are_those_of_the_log(request_: TrainRequest) -> None:
    events = [event for event in Trainer(request_).run() if isinstance(event, Logged)]
    lines = [json.loads(line) for line in Path("run/log.jsonl").read_text().splitlines()]
    assert [{"step": e.step, "stage": e.stage, "epoch": e.epoch, **e.losses} for e in events] == lines


def test_nothing_is_written_before_run_is_called(request_: TrainRequest) -> None:
    Trainer(request_)
    assert not Path("run").exists()


def test_never_prints(request_: TrainRequest, capfd: pytest.CaptureFixture) -> None:
    list(Trainer(replace(request_, best_by="ssim"), scorer=CheckpointScorer).run())
    assert capfd.readouterr() == ("", "")


def test_a_stop_finishes_the_step_and_saves(request_: TrainRequest) -> None:
    training, events = Trainer(request_), []
    for event in training.run():
        events.append(event)
        if isinstance(event, Stepped) and event.step == 2:
            training.stop()
    assert events[-1] == Stopped(2, 6, "requested", 0, None)
    assert steps_of(Saved, events) == [2]
    state = Run.open(Path("run")).load()
    assert state is not None and state["step"] == 2


def test_another_thread_can_stop_the_training(request_: TrainRequest) -> None:
    training = Trainer(replace(request_, steps=100000))
    timer = threading.Timer(0.2, training.stop)
    timer.start()
    *_, last = training.run()
    assert isinstance(last, Stopped) and last.step < 100000
    timer.join()


def test_a_stopped_trainer_continues(request_: TrainRequest, tiny_run: Path) -> None:
    training = Trainer(request_)
    training.stop()
    *_, stopped = training.run()
    first, *_, last = training.run()
    assert isinstance(stopped, Stopped) and stopped.step == 1
    assert isinstance(first, Started) and first.resumed and first.step == 1
    assert isinstance(last, Finished)
    for file in ("model.safetensors", "log.jsonl"):
        assert (Path("run") / file).read_bytes() == (tiny_run / file).read_bytes()


def test_a_loop_left_early_resumes_from_the_last_save(request_: TrainRequest, tiny_run: Path) -> None:
    for event in Trainer(replace(request_, save_every=2)).run():
        if isinstance(event, Stepped) and event.step == 3:
            break
    first, *_, last = Trainer(replace(request_, resume=True)).run()
    assert isinstance(first, Started) and first.resumed and first.step == 2
    assert isinstance(last, Finished)
    assert (Path("run/model.safetensors")).read_bytes() == (tiny_run / "model.safetensors").read_bytes()


def test_the_model_is_saved_before_the_state(request_: TrainRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    models: list[int] = []

    def save(run: Run, state: dict) -> None:
        models.append(bundle.read_card(run.bundle).step)
        assert models[-1] == state["step"]

    monkeypatch.setattr(Run, "save", save)
    list(Trainer(replace(request_, save_every=3)).run())
    assert models == [3, 6]


def test_weights_that_are_not_finite_are_not_saved(request_: TrainRequest) -> None:
    training = Trainer(replace(request_, save_every=1))
    with pytest.raises(RunError, match="a weight is not a finite number, so nothing was saved"):
        for event in training.run():
            if isinstance(event, Stepped) and event.step == 4:
                torch.nn.init.constant_(next(training.training.networks.parameters()), float("nan"))
    assert bundle.read_card(Path("run/model.safetensors")).step == 3
    state = Run.open(Path("run")).load()
    assert state is not None and health.finite(state["networks"])


def test_saves_after_save_seconds(request_: TrainRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0)
    assert steps_of(Saved, list(Trainer(request_).run())) == [1, 2, 3, 4, 5, 6]


def test_the_best_checkpoint_is_kept(request_: TrainRequest) -> None:
    scorer = scored_by(0.1, 0.5, 0.4, 0.3)
    events = list(Trainer(replace(request_, evaluate_every=2), scorer=scorer).run())
    scores = [(e.step, e.best, e.stale) for e in events if isinstance(e, Scored)]
    assert scores == [(0, True, 0), (2, True, 0), (4, False, 1), (6, False, 2)]
    card = bundle.read_card(Path("run/best.safetensors"))
    assert card.step == 2 and card.scores == {"test/ssim": 0.5}
    first, *_, last = events
    assert isinstance(first, Started) and first.score == "test/ssim"
    assert isinstance(last, Finished) and last.best == ("test/ssim", 0.5, 2, Path("run/best.safetensors"))


def test_stops_early_without_a_better_score(request_: TrainRequest) -> None:
    scorer = scored_by(0.5, 0.4, 0.5, 0.6)
    *events, last = Trainer(replace(request_, evaluate_every=1, patience=2), scorer=scorer).run()
    assert last == Stopped(2, 6, "stale", 2, ("test/ssim", 0.5, 0, Path("run/best.safetensors")))
    assert steps_of(Saved, events) == [2]


def test_a_resumed_training_compares_with_the_earlier_best(request_: TrainRequest) -> None:
    request_ = replace(request_, evaluate_every=2)
    list(Trainer(replace(request_, steps=2), scorer=scored_by(0.1, 0.9)).run())
    resumed = Trainer(replace(request_, steps=4, resume=True), scorer=scored_by(0.5))
    *_, last = resumed.run()
    assert isinstance(last, Finished) and last.best is not None
    assert (last.best.value, last.best.step) == (0.9, 2)
    assert bundle.read_card(Path("run/best.safetensors")).step == 2


def test_scores_need_a_scorer(request_: TrainRequest) -> None:
    with pytest.raises(S2FError, match="scorer"):
        Trainer(replace(request_, best_by="ssim"))


def test_health_advice_is_an_event(request_: TrainRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "IMAGE_READINGS", 2)
    monkeypatch.setattr(health, "signs_of", lambda *_: {"inversion": True})
    events = list(Trainer(replace(request_, sample_every=1)).run())
    advice = [event for event in events if isinstance(event, Advised)]
    assert [(event.step, event.advice.sign, event.advice.subject) for event in advice] == [
        (2, "inversion", "face"),
        (2, "inversion", "sketch"),
    ]


def test_unreadable_samples_are_a_warning(here: Path, make_data, tiny_recipe: Path) -> None:
    make_data(here / "data", train=(3, 3), test=(2, 2))
    Path("data/test/face/1.png").write_bytes(b"none")
    events = list(Trainer(TrainRequest(str(tiny_recipe), steps=1, device="cpu")).run())
    (warning,) = (event for event in events if isinstance(event, Warned))
    assert "no samples at step 1: " in warning.message and "1.png" in warning.message
    assert isinstance(events[-1], Finished)


def test_starts_from_the_weights_of_another_model(request_: TrainRequest, tiny_run: Path) -> None:
    training = Trainer(replace(request_, steps=1, init_from=tiny_run))
    first, second, *_ = training.run()
    assert isinstance(first, Initialised) and isinstance(second, Started)
    assert first.source == tiny_run and all(match.taken for match in first.matches)


def test_a_resumed_run_refuses_init_from(request_: TrainRequest, tiny_run: Path) -> None:
    with pytest.raises(RunError, match="its own weights"):
        Trainer(replace(request_, resume=True, output=tiny_run, init_from=tiny_run))


def test_the_function_train_gives_the_model_of_the_command(
    request_: TrainRequest, data: Path, tiny_recipe: Path, tiny_run: Path
) -> None:
    events: list[Event] = []
    run = train(tiny_recipe, data, "run", device="cpu", best_by="ssim:face", on_event=events.append)
    assert run.folder == Path("run") and run.bundle.read_bytes() == (tiny_run / run.bundle.name).read_bytes()
    assert steps_of(Scored, events) == [0, 6] and isinstance(events[-1], Finished)
    assert list(run.folder.glob("events.out.tfevents*")) and run.best.exists()
    longer = train(tiny_recipe, data, "run", device="cpu", resume=True, steps=7)
    state = longer.load()
    assert longer.settings.recipe.stages[0].steps == 7 and state is not None and state["step"] == 7
