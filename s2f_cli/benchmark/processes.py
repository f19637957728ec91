"""Run commands of s2f as processes, and rows at once, on this machine or on Ray."""

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from s2f_cli.core import parallel
from s2f_cli.core.parallel import Engine

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    """Its exit code; negative for a signal."""
    stdout: bytes
    reason: str
    """The last error it printed, or its last line."""
    stopped: bool = False
    """Whether it was stopped, or not started, because the benchmark ends."""


class Processes:
    """Runs commands of s2f until it is stopped; `jobs` of them at once share the cores."""

    def __init__(self, jobs: int = 1) -> None:
        self._threads = max(parallel.cores() // jobs, 1)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self.stopped = False
        """Whether the benchmark ends."""

    def run(self, words: Sequence[str], log: Path) -> Ended:
        """Run `s2f …` to its end; what it prints on stderr is appended to a log, after the command itself."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            errors.write(f"$ {shlex.join(words)}\n".encode("utf-8", "backslashreplace"))
            errors.flush()
            start = errors.tell()
            with self._lock:
                if self.stopped:
                    return Ended(0, b"", "", stopped=True)
                process = subprocess.Popen(
                    [sys.executable, "-m", "s2f_cli", *words[1:]],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env={"OMP_NUM_THREADS": str(self._threads), **os.environ},
                )
                self._running.add(process)
            stdout, _ = process.communicate()
        with self._lock:
            self._running.discard(process)
        with log.open("rb") as printed:
            printed.seek(start)
            return Ended(
                process.returncode, stdout, _reason(process.returncode, printed.read()), self.stopped
            )

    def stop(self) -> None:
        """Ask all processes to end: a training finishes its step and saves. Starts no others."""
        with self._lock:
            self.stopped = True
            for process in self._running:
                process.terminate()


def _reason(code: int, stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"the process was ended by {name}"
    return (errors or lines or [f"exit code {code}"])[-1]


def work_off(
    function: Callable[[Item, Processes], Result],
    items: Sequence[Item],
    jobs: int = 1,
    engine: Engine = "local",
    *,
    gpu: bool = False,
) -> Generator[tuple[Item, Result], None, None]:
    """Apply a function to every item, `jobs` at once; yields each with its result, as they end.

    On Ray, yields them in order; with `gpu`, each has a GPU if the cluster has any. If the iteration is
    interrupted, running processes are asked to end, and waited for.
    """
    if engine == "ray":
        from s2f_cli.core import ray_cluster

        done = ray_cluster.run(partial(_alone, function), items, jobs, gpu=gpu)
        yield from zip(items, done, strict=True)
        return
    processes = Processes(jobs)
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(function, item, processes): item for item in items}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:  # also GeneratorExit and KeyboardInterrupt
            pool.shutdown(wait=False, cancel_futures=True)
            processes.stop()
            raise


def _alone(function: Callable[[Item, Processes], Result], item: Item) -> Result:
    return function(item, Processes())
