import os
import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
import typer

from s2f_cli import __version__
from s2f_cli.core.errors import S2FError

COMMANDS = ["prepare", "align", "sketchify", "train", "translate", "sample", "evaluate", "export", "recipes"]
HEAVY = ["torch", "torchvision", "numpy", "PIL", "scipy", "skimage", "dlib", "tensorboard", "onnx"]


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def imported(arguments: list[str], watched: list[str]) -> str:
    """Those of some packages that a call of `s2f` imports, after the last line that it prints."""
    done = python(
        f"import sys\nsys.argv = ['s2f', *{arguments}]\nfrom s2f_cli.cli.app import main\n"
        f"try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('imported:', *set({watched}) & set(sys.modules))"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["train", "--help"], ["translate", "--help"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported(arguments, HEAVY) == "imported:"


@pytest.mark.parametrize(
    "arguments", ["models", "models show face-to-sketch", "recipes", "recipes show pix2pix"]
)
def test_lists_of_models_and_recipes_do_not_import_torch(arguments: str) -> None:
    assert imported(arguments.split(), ["torch", "scipy", "dlib"]) == "imported:"


def test_help_names_every_command(s2f) -> None:
    result = s2f("--help")
    assert result.code == 0
    for command in COMMANDS:
        assert re.search(rf"^\W*{command}\b.*[a-z]{{3}}", result.out, re.MULTILINE), command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, s2f) -> None:
    for flag in ("--help", "-h"):
        result = s2f(command, flag)
        assert result.code == 0
        assert "Usage: s2f" in result.out and not result.err


def test_an_application_of_one_command_has_no_other() -> None:
    from s2f_cli.cli.app import application

    assert set(typer.main.get_command(application("train")).commands) == {"train"}
    assert set(COMMANDS) < set(typer.main.get_command(application()).commands)


def test_no_arguments_show_the_help(s2f) -> None:
    assert "Usage: s2f" in s2f().out + s2f().err


def test_version_is_printed(s2f) -> None:
    assert s2f("--version").out == f"s2f {__version__}\n"


def test_python_m_is_the_console_script() -> None:
    done = subprocess.run([sys.executable, "-m", "s2f_cli", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"s2f {__version__}\n")
    (script,) = entry_points(group="console_scripts", name="s2f")
    assert script.value == "s2f_cli.cli.app:main"


@pytest.mark.parametrize(
    "arguments", [["trane"], ["train"], ["train", "conv-ae", "--steps", "0"], ["translate", "x.png"]]
)
def test_wrong_usage_exits_2(arguments: list[str], s2f) -> None:
    result = s2f(*arguments)
    assert result.code == 2
    assert not result.out and "Traceback" not in result.err


def test_an_error_is_printed_on_stderr_and_exits_1(s2f, here) -> None:
    result = s2f("train", "conv-ae")
    assert result.code == 1
    assert not result.out
    message, hint = result.err.splitlines()
    assert message == "error: there is no prepared data set in data"
    assert "s2f prepare" in hint


def test_debug_shows_tracebacks(here, monkeypatch, s2f) -> None:
    from s2f_cli.cli.app import main

    monkeypatch.setenv("S2F_DEBUG", "")
    monkeypatch.setattr(sys, "argv", ["s2f", "--debug", "train", "conv-ae"])
    with pytest.raises(S2FError):
        main()


def test_a_closed_pipe_ends_the_command_silently() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-m", "s2f_cli", "--help"], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")
