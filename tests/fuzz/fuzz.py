"""Read damaged files of every kind that s2f reads, for some minutes. Run by hand:

    python tests/fuzz/fuzz.py [--minutes 10] [--seed 0] [--keep fuzz-finds] [TARGET …]

Anything but a result or an S2FError is a find: another exception, a crash, a read that takes longer than
20 s of work. Finds are printed once for each place, and their files kept.
"""

import argparse
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import types
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("S2F_MAX_PIXELS", "4_000_000")
os.environ.setdefault("S2F_MAX_UNPACKED", "20_000_000")

from targets import TARGETS, Target

from s2f_cli.core.errors import S2FError

_BATCH = 200
"""Reads per process; a crash ends one."""
_SLOW = 20
"""Seconds of work after which a read counts as hanging."""
_WAIT = 600
"""Seconds, of work or not, after which it does."""
_MEMORY = 6 << 30


class _Hangs(BaseException):
    """A read takes too long; not an Exception, so that no handler of s2f catches it."""


@dataclass
class Tally:
    """What has come of the reads of a target."""

    reads: int = 0
    accepted: int = 0
    seconds: float = 0.0
    finds: Counter[str] = field(default_factory=Counter)


def place(problem: BaseException) -> str:
    """Where an exception comes from: its type, and the last lines of s2f on its way."""
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if "s2f_cli" in f.filename]
    last = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-2:]))
    return f"{type(problem).__name__} at {last}: {ascii(str(problem))[:120]}"


def _stop_clocks() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.alarm(0)


def _hang(number: int, frame: types.FrameType | None) -> None:
    raise _Hangs


def batch(target: Target, rng: random.Random, folder: Path, report: Callable[[str], None]) -> None:
    """Read some damaged files, and report each as `ok`, `refused` or a find."""
    signal.signal(signal.SIGALRM, _hang)
    signal.signal(signal.SIGPROF, _hang)
    for _ in range(_BATCH):
        file = target.write(rng, folder)
        signal.setitimer(signal.ITIMER_PROF, _SLOW)
        signal.alarm(_WAIT)
        try:
            target.read(file)
            report("ok")
        except S2FError as problem:
            report(f"no line: {place(problem)}" if "\n" in problem.message else "refused")
        except BaseException as problem:
            _stop_clocks()
            report(place(problem))
        finally:
            _stop_clocks()


def in_a_process(target: Target, seed: int, keep: Path, tally: Tally) -> None:
    """Run a batch in a process of its own, which a broken decoder may crash."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="s2f-fuzz-") as temporary:
        folder = Path(temporary)
        child = os.fork()
        if not child:
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            warnings.simplefilter("ignore")
            count = 0

            def report(outcome: str) -> None:
                nonlocal count
                if outcome not in ("ok", "refused"):
                    _keep(folder, keep / target.name / f"{seed}-{count}")
                count += 1
                os.write(writing, outcome.encode("utf-8", "backslashreplace") + b"\n")

            try:
                batch(target, random.Random(seed), folder, report)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as outcomes:
            for line in outcomes:
                _count(tally, line.strip(), target)
        _, status = os.waitpid(child, 0)
        if status:
            _keep(folder, keep / target.name / f"{seed}-crash")
            _count(tally, f"the process ended with {os.waitstatus_to_exitcode(status)}", target)


def _count(tally: Tally, outcome: str, target: Target) -> None:
    tally.reads += 1
    tally.accepted += outcome == "ok"
    if outcome not in ("ok", "refused"):
        where = outcome.partition(": ")[0]
        if where not in tally.finds:
            print(f"{target.name}: {outcome}", flush=True)
        tally.finds[where] += 1


def _keep(folder: Path, place: Path) -> None:
    if len(list(place.parent.glob("*"))) < 200:
        for file in folder.iterdir():
            if file.is_file():
                place.mkdir(parents=True, exist_ok=True)
                (place / file.name).write_bytes(file.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], default=[])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-finds"))
    options = parser.parse_args()
    chosen = [TARGETS[name]() for name in options.targets or TARGETS]
    tallies = {target.name: Tally() for target in chosen}
    end, seed = time.monotonic() + options.minutes * 60, options.seed
    while time.monotonic() < end:
        for target in chosen:
            start = time.monotonic()
            in_a_process(target, seed, options.keep, tallies[target.name])
            tallies[target.name].seconds += time.monotonic() - start
        seed += 1
    for name, tally in tallies.items():
        print(
            f"{name}: {tally.reads} reads in {tally.seconds / 60:.1f} min, {tally.accepted} accepted, "
            f"{len(tally.finds)} kinds of finds"
        )
    sys.exit(any(tally.finds for tally in tallies.values()))


if __name__ == "__main__":
    main()
