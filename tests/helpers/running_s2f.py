"""Fixtures that run `s2f` in the process of the tests."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from unittest.mock import patch

import pytest
import typer.main
import typer.testing


@dataclass(frozen=True)
class Result:
    """The exit code and the output of a call of `s2f`."""

    code: int
    stdout: bytes
    err: str

    @property
    def out(self) -> str:
        return self.stdout.decode()

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def left_out(self) -> list[str]:
        """The lines that report a file of a batch that failed."""
        return [line for line in self.err.splitlines() if line.startswith("left out: ")]


@pytest.fixture(scope="session", autouse=True)
def _built_once() -> Iterator[None]:
    """Build the parser of each command once."""
    build = cache(typer.main.get_command)
    with patch("typer.main.get_command", build), patch("typer.testing._get_command", build):
        yield


@pytest.fixture(scope="session")
def s2f() -> Callable[..., Result]:
    """Runs `s2f` in this process as the console script does: exit code, stdout, stderr."""

    def run(*arguments: object, stdin: bytes = b"") -> Result:
        from s2f_cli.cli.app import main

        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
        with (
            patch.object(sys, "argv", ["s2f", *map(str, arguments)]),
            patch.object(sys.modules["__main__"], "__package__", None),  # else it is named `python -m pytest`
            patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        out.flush()
        err.flush()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Result(code or 0, out.buffer.getvalue(), err.buffer.getvalue().decode())

    return run
