import signal

import pytest

from s2f_cli.cli.commands.train.signals import on_interrupt
from s2f_cli.core.errors import RunError


@pytest.mark.parametrize(("processes", "obeyed"), [("1", True), ("2", False)])
def test_a_sigterm_after_an_error_does_not_hide_it_from_torchruns_user(
    processes: str, obeyed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", processes)
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        with pytest.raises(RunError), on_interrupt(lambda: None):
            raise RunError("process 0 lost its connection")
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert bool(received) == obeyed


def test_the_first_sigterm_asks_to_stop_and_further_ones_do_nothing() -> None:
    stops: list[bool] = []
    before = signal.getsignal(signal.SIGTERM)
    with on_interrupt(lambda: stops.append(True)):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    assert stops == [True]
    assert signal.getsignal(signal.SIGTERM) == before
