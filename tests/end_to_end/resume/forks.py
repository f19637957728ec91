"""Starts `s2f` processes one after the other without paying for the import of torch each time.

Each line of stdin is a JSON list: the file for what the process prints, the number of the finished file that
it shall be killed at, just before that file takes its place (0 for none), and the arguments of `s2f`. Prints
the id of the process and, when it has ended, its exit code, negative for a signal.
"""

import json
import os
import signal
import sys
from itertools import count
from pathlib import Path

import torch.utils.tensorboard  # noqa: F401

from s2f_cli.cli.app import main
from s2f_cli.models import recipes
from s2f_cli.training import (
    loop,  # noqa: F401
    validate,
)


def die_at(number: int) -> None:
    """Kill this process when so many files are finished, before the last of them takes its place."""
    replace, finished = Path.replace, count(1)

    def counting(self: Path, target: Path) -> Path:
        if next(finished) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(self, target)

    Path.replace = counting  # type: ignore[method-assign]


def become(told: str, number: int, arguments: list[str]) -> None:
    """Be an `s2f` with these arguments."""
    for stream, file in ((0, os.devnull), (1, told), (2, told)):
        os.dup2(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666), stream)
    die_at(number)
    sys.argv = ["s2f", *arguments]
    main()


validate.check(recipes.read("conv-ae"))  # torch imports the rest of what it needs
for line in sys.stdin:
    child = os.fork()
    if not child:
        become(*json.loads(line))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
