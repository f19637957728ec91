"""Starts `s2f` processes one after the other, without importing torch for each.

Each line of stdin is a JSON list: the file for the output of the process, the number of the finished file at
which to kill it, just before that file is moved into place (0 for never), and the arguments of `s2f`. Prints
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
from s2f_cli.evaluation import scored_training  # noqa: F401
from s2f_cli.models import recipes
from s2f_cli.training import validate


def kill_at(number: int) -> None:
    """Kill this process after writing this many files, before the last of them is moved into place."""
    replace, files = Path.replace, count(1)

    def counting(self: Path, target: Path) -> Path:
        if next(files) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(self, target)

    Path.replace = counting  # type: ignore[method-assign]


def run_s2f(output: str, number: int, arguments: list[str]) -> None:
    """Run `s2f` with these arguments in this process, which ends with it."""
    for stream, file in ((0, os.devnull), (1, output), (2, output)):
        os.dup2(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666), stream)
    kill_at(number)
    sys.argv = ["s2f", *arguments]
    main()


validate.check(recipes.read("conv-ae"))  # torch imports some of its modules on first use
for line in sys.stdin:
    child = os.fork()
    if not child:
        run_s2f(*json.loads(line))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
