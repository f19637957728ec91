"""Several processes that serve one port. A worker that dies is replaced."""

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from socket import socket

from s2f_cli.core.errors import S2FError
from s2f_cli.web import running
from s2f_cli.web.metrics import WORKERS_FOLDER
from s2f_cli.web.running import Settings

_SHORT_LIFE = 5.0
"""Seconds of life below which the worker that replaces one waits for a second."""
_PATIENCE = 5.0
"""Seconds that a worker is given beyond the time limits of its requests."""


class Worker:
    """A process that serves. It stops when its pipe is closed, also by the death of this process."""

    def __init__(self, settings: Settings, listener: socket) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other_end = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(settings, listener, other_end))
        self.process.start()
        other_end.close()
        self.started = time.monotonic()

    def wait_until_open(self) -> None:
        """Wait until its models are open; raises S2FError if they cannot be opened."""
        try:
            problem = self._pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            problem = (f"a worker ended with exit code {self.process.exitcode} before it was ready", "")
        if problem:
            raise S2FError(*problem)

    def stop(self) -> None:
        """Ask it to finish what it has begun, and then to end."""
        self._pipe.close()


def run(settings: Settings, listener: socket, count: int, greeting: str, say: Callable[[str], None]) -> None:
    """Serve with `count` workers until this process is interrupted.

    `say` is given the greeting when all are open, and a line for each worker that is replaced. Raises
    S2FError if a worker cannot open the models.
    """
    running.share_processors(count)
    with tempfile.TemporaryDirectory(prefix="s2f-") as folder:
        os.environ[WORKERS_FOLDER] = folder
        settings = replace(settings, shared=Path(folder))
        workers = [Worker(settings, listener) for _ in range(count)]
        try:
            for worker in workers:
                worker.wait_until_open()
            say(greeting)
            while True:
                _replace_dead(workers, settings, listener, say)
        finally:
            listener.close()
            _stop(workers, 2 * settings.limits.seconds + _PATIENCE)
            del os.environ[WORKERS_FOLDER]


def _replace_dead(
    workers: list[Worker], settings: Settings, listener: socket, say: Callable[[str], None]
) -> None:
    """Wait until a worker ends, and start another in its place."""
    ended = wait([worker.process.sentinel for worker in workers])
    for place, worker in enumerate(workers):
        if worker.process.sentinel not in ended:
            continue
        worker.process.join()
        say(f"worker {worker.process.pid} ended with exit code {worker.process.exitcode}; it is replaced")
        if time.monotonic() - worker.started < _SHORT_LIFE:
            time.sleep(1)
        worker.stop()
        workers[place] = Worker(settings, listener)
        workers[place].wait_until_open()


def _stop(workers: list[Worker], seconds: float) -> None:
    """Stop all workers; those that take longer, or all when interrupted again, are killed."""
    deadline = time.monotonic() + seconds
    try:
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.process.join(max(deadline - time.monotonic(), 0))
    finally:
        for worker in workers:
            if worker.process.is_alive():
                worker.process.kill()


def _serve(settings: Settings, listener: socket, pipe: Connection) -> None:
    """The work of a worker: serves until its pipe is closed, or until SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal
    try:
        server = running.prepare(settings)
    except S2FError as problem:
        pipe.send((problem.message, problem.hint))
        return
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="server")
    thread.start()
    pipe.send(None)
    while thread.is_alive():
        with suppress(EOFError, OSError):
            if not pipe.poll(0.2):
                continue
            pipe.recv()
        server.should_exit = True
        thread.join()
