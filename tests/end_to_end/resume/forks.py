"""Starts `s2f` processes one after the other, without importing torch for each.

The arguments are a data set and the recipes that will be trained, each as a JSON list of its name, its steps
and its overrides: they are checked here once, and not by each process.

Each line of stdin is a JSON list: the file for the output of the process, the number of the finished file at
which to kill it, just before that file is moved into place (0 for never), and the arguments of `s2f`. Prints
the id of the process and, when it has ended, its exit code, negative for a signal.
"""

import gc
import json
import os
import signal
import sys
from itertools import count
from pathlib import Path

import torch.utils.tensorboard  # noqa: F401
from PIL import Image

from s2f_cli.cli.app import main
from s2f_cli.evaluation.scored_training import open_trainer
from s2f_cli.models import tracing
from s2f_cli.training.request import TrainRequest


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


def prepare(data: str, recipe: str, steps: int, *overrides: str) -> None:
    """Import modules, check the recipe and trace its graphs, which the processes then need not do."""
    request = TrainRequest(recipe, Path(data), steps=steps, overrides=overrides, device="cpu")
    trainer = open_trainer(request)
    tracing.trace(trainer.training.model, trainer.run_folder.card(0))


Image.init()
for words in sys.argv[2:]:
    prepare(sys.argv[1], *json.loads(words))
gc.freeze()  # a process that ends would look at each of the objects made here
for line in sys.stdin:
    child = os.fork()
    if not child:
        run_s2f(*json.loads(line))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
