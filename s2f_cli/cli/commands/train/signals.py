"""How a training is asked to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from s2f_cli.cli import console


@contextmanager
def gentle_stop(lead: bool) -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM set the event, so that the step is finished and saved; a second stops at once."""
    stopped = threading.Event()

    def ask(number: int, frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        if lead:
            console.say("stopping after this step …")

    before = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
