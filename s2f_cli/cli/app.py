"""The command `s2f`: its subcommands, its errors and its exit codes."""

import functools
import os
import platform
import sys
from contextlib import suppress
from typing import Annotated, Any

import typer

from s2f_cli.cli import console, defaults, process, usage_errors
from s2f_cli.cli.commands import (
    align,
    config,
    demo,
    doctor,
    export,
    gallery,
    inspect,
    match,
    models,
    prepare,
    recipes,
    sample,
    serve,
    sketchify,
)
from s2f_cli.cli.commands.benchmark.command import benchmark
from s2f_cli.cli.commands.evaluate.command import evaluate
from s2f_cli.cli.commands.runs.command import app as runs
from s2f_cli.cli.commands.train.command import train
from s2f_cli.cli.commands.translate.command import translate
from s2f_cli.cli.help import App, HelpGroup
from s2f_cli.core import requirements
from s2f_cli.core.errors import S2FError, reason_of
from s2f_cli.core.version import __version__

COMMANDS: dict[str, dict[str, Any]] = {
    "Use a model": {
        "translate": translate,
        "sample": sample.sample,
        "serve": serve.serve,
        "export": export.export,
        "models": models.app,
        "match": match.app,
        "inspect": inspect.inspect,
        "gallery": gallery.gallery,
    },
    "Train and compare": {
        "train": train,
        "evaluate": evaluate,
        "benchmark": benchmark,
        "runs": runs,
        "recipes": recipes.app,
    },
    "Data": {"prepare": prepare.app, "align": align.align, "sketchify": sketchify.sketchify},
    "Installation": {"demo": demo.demo, "doctor": doctor.doctor, "config": config.config},
}
"""The commands by help panel, in the order of the help."""


class _InOrder(HelpGroup):
    """Lists commands and groups of commands in the order of COMMANDS; Typer puts groups last."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for commands in COMMANDS.values() for name in commands]


_applied: list[defaults.Default] = []
"""The user's defaults of the command that runs."""


def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --version: print versions as JSON.")] = False,
) -> None:
    if debug:
        os.environ["S2F_DEBUG"] = "1"
    if version:
        _print_version(as_json)
        raise typer.Exit
    if as_json:
        raise typer.BadParameter("before a command, --json is for --version: put it behind the command")
    if context.invoked_subcommand is None:
        context.fail("Missing command.")
    context.obj = application  # by which `s2f demo` runs other commands
    if found := defaults.read():
        context.default_map = defaults.default_map(typer.main.get_command(app), found)
    _applied[:] = [default for default in found if default.command[0] == context.invoked_subcommand]


@functools.cache
def application(only: str = "") -> App:
    """The command `s2f`, with all its commands or with one.

    Typer reads the parameters of every command before it runs one, which takes longer than some commands.
    """
    whole = App(
        name="s2f",
        cls=_InOrder,
        help="""Turn photos of faces into sketches, and sketches into faces.

        Examples:
            s2f translate --to sketch photo.jpg
            s2f prepare demo
            s2f train cyclegan-unet
        """,
    )
    whole.callback(invoke_without_command=True)(_options)
    for panel, commands in COMMANDS.items():
        for name, command in commands.items():
            if only not in ("", name):
                continue
            if isinstance(command, typer.Typer):
                whole.add_typer(command, name=name, rich_help_panel=panel)
            else:
                whole.command(name, rich_help_panel=panel)(command)
    return whole


app = application()


def _print_version(as_json: bool) -> None:
    if not as_json:
        typer.echo(f"s2f {__version__}")
        return
    packages = ("torch", "onnxruntime", "numpy", "pillow")
    console.print_json(
        {
            "s2f": __version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "packages": {name: requirements.version(name) or None for name in packages},
        }
    )


def main() -> None:
    """Run `s2f`.

    Exits 0 on success, 1 on an error, 2 on wrong usage, 3 when a score misses a threshold, 130 on Ctrl-C,
    SIGTERM or SIGHUP.
    """
    process.prepare()
    with process.gentle_signals():
        try:
            _run()
        except KeyboardInterrupt:
            sys.exit(console.INTERRUPTED)


def _run() -> None:
    try:
        try:
            code = application(_invoked())(standalone_mode=False)
        finally:
            sys.stdout.flush()
    except usage_errors.UsageProblem as problem:
        if not usage_errors.shows_help(problem):
            with suppress(OSError):
                error = usage_errors.usage_error(problem, f"s2f {_invoked()}".strip())
                console.print_error(defaults.with_origin(error, _applied))
        sys.exit(console.WRONG_USAGE)
    except typer.Abort:
        console.say("")
        console.say("aborted")
        sys.exit(console.FAILED)
    except BrokenPipeError:
        process.discard_output()
        sys.exit(console.FAILED)
    except (S2FError, OSError) as problem:
        if console.debugging():
            raise
        with suppress(OSError):  # nobody may read stderr any more
            error = problem if isinstance(problem, S2FError) else _from_system(problem)
            console.print_error(defaults.with_origin(error, _applied))
        if not isinstance(problem, S2FError):
            process.discard_output()
        sys.exit(console.FAILED)
    sys.exit(code if isinstance(code, int) else 0)


def _invoked() -> str:
    """The command that this process runs; empty if it names none."""
    word = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    return word if any(word in commands for commands in COMMANDS.values()) else ""


def _from_system(problem: OSError) -> S2FError:
    """Convert an error of the operating system to one with a hint."""
    message = f"{problem.filename}: {reason_of(problem)}" if problem.filename else reason_of(problem)
    return S2FError(
        message, "check the path, its permissions and the disk; `s2f --debug` shows where it happened"
    )
