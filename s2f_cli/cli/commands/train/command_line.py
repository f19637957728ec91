"""The command line of a request, for hints and for the trials of a sweep."""

import shlex
from dataclasses import fields, replace
from pathlib import Path

from s2f_cli.training.request import TrainRequest


def command_line(request: TrainRequest, folder: Path) -> list[str]:
    """The `s2f train` command of a request, as a list of words, with `folder` as its output."""
    words = ["s2f", "train", request.recipe, "--output", str(folder)]
    for override in request.overrides:
        words += ["--set", override]
    default = TrainRequest(request.recipe)
    for field in fields(request):
        value, flag = getattr(request, field.name), f"--{field.name.replace('_', '-')}"
        if field.name in ("recipe", "output", "overrides") or value == getattr(default, field.name):
            continue
        words += [flag] if value is True else [flag, str(value)]
    return words


def resume_command(request: TrainRequest, folder: Path) -> str:
    """The command that resumes the run of a request in a folder."""
    resumed = replace(
        request,
        resume=True,
        overrides=(),
        steps=None,
        epochs=None,
        seed=None,
        precision="auto",
        init_from=None,
    )
    return shlex.join(command_line(resumed, folder))
