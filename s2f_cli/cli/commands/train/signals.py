"""Ctrl-C and SIGTERM stop a training after its current step."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from s2f_cli.core import distributed


@contextmanager
def on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """In this block, the first SIGINT or SIGTERM calls `stop`; a second SIGINT raises KeyboardInterrupt.

    A second SIGTERM does nothing: a terminal that is closed sends several. Nor does one after an error in the
    block under torchrun, which sends it when another process has ended: the error is shown first.
    """
    interrupted = False

    def handle(number: int, frame: object) -> None:
        nonlocal interrupted
        if interrupted and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not interrupted:
            interrupted = True
            stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except Exception:
        if distributed.launched_world_size() > 1:
            before[signal.SIGTERM] = signal.SIG_IGN
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
