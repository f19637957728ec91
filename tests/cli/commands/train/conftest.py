"""What tests of `s2f train` read from a run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def steps_logged() -> Callable[[Path], list[int]]:
    """The steps in the log of a run."""

    def read(run: Path) -> list[int]:
        return [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]

    return read
