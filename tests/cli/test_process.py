"""Every command under hostile conditions: closed streams, narrow encodings, no home, odd variables and names.

All commands of a condition run in one process, so that s2f is imported once.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from s2f_cli.cli import process
from s2f_cli.cli.app import COMMANDS

LONG = "n" * 300
NAMES = [name for commands in COMMANDS.values() for name in commands]

CALLS = [
    *([name, "--help"] for name in NAMES),
    ["recipes"],
    ["recipes", "show", "nobody"],
    ["models"],
    ["models", "show", "face-to-sketch"],
    ["models", "add", f"file:///{LONG}"],
    ["models", "add", "none.safetensors", "--name", "con"],
    ["runs"],
    ["runs", "plot", LONG],
    ["train", "conv-ae", "--data", LONG],
    ["train", "conv-ae", "--data", "file:///data", "-o", "con"],
    ["prepare", "folders", "--faces", LONG, "-o", "d"],
    ["prepare", "folders", "--faces", "file:///faces", "-o", LONG],
    ["align", LONG, "-o", "aligned"],
    ["sketchify", LONG, "-o", "sketches"],
    ["export", LONG],
    ["evaluate", "--generated", LONG, "--reference", "nul"],
    ["translate", "--to", "face", LONG, "--model", "sketch-to-face"],
    ["translate", "--to", "face", "a.png", "--model", LONG],
    ["sample", "face", "--model", LONG],
    ["match", LONG, "--gallery", LONG],
    ["serve", "--model", LONG],
    ["nobody"],
]

RUN = f"""
import functools, gc, json, sys, traceback
gc.disable()  # takes a second
sys.argv = ["s2f"]
codes = []
for arguments in {CALLS!r}:
    sys.argv[1:] = arguments
    try:
        from s2f_cli.cli.app import main, typer
        if not hasattr(typer.main.get_command, "cache_info"):  # build the parsers once
            typer.main.get_command = functools.cache(typer.main.get_command)
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException as problem:
        code = "".join(traceback.format_exception(problem))
    codes.append((arguments, code))
with open("codes.json", "w") as file:
    json.dump(codes, file)
"""

CONDITIONS: dict[str, tuple[str, dict[str, str | None]]] = {
    "all closed": ("<&- >&- 2>&-", {}),
    "ascii": ("", {"PYTHONIOENCODING": "ascii"}),
    "no home": ("", {"HOME": None, "S2F_HOME": None, "S2F_CACHE": None, "XDG_CACHE_HOME": None}),
    "COLUMNS, LINES and TERMINAL_WIDTH": ("", {"COLUMNS": "wide", "LINES": "-1", "TERMINAL_WIDTH": "x"}),
    "S2F_MAX_PIXELS": ("", {"S2F_MAX_PIXELS": "200GB"}),
    "the other numbers": ("", dict.fromkeys(("S2F_MAX_UNPACKED", "S2F_TIMEOUT", "WORLD_SIZE"), "200GB")),
}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")


def environment(changes: dict[str, str | None]) -> dict[str, str]:
    values = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **changes}
    return {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_no_command_ends_with_a_traceback(tmp_path: Path, condition: str) -> None:
    streams, changes = CONDITIONS[condition]
    (tmp_path / "run.py").write_text(RUN)
    # Without a passwd entry, the lookup of the home folder fails.
    without_home = "import pwd\ndef no(*_): raise KeyError\npwd.getpwuid = no\n" if "HOME" in changes else ""
    (tmp_path / "run.py").write_text(without_home + RUN)
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" run.py {streams}', sys.executable],
        cwd=tmp_path,
        env=environment(changes),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr, done.stderr
    for arguments, code in json.loads((tmp_path / "codes.json").read_text()):
        assert code in (0, 1, 2), (arguments, code)
        assert code == 0 or "--help" not in arguments or "200GB" in changes.values(), arguments


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("ascii", "x^ 1 +- 2..."), ("cp1252", "x^ 1 ± 2…"), ("utf-8", "x↑ 1 ± 2…")],
)
def test_characters_that_a_stream_cannot_write_are_replaced(
    encoding: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    process.prepare()
    stream.write("x↑ 1 ± 2…")
    stream.flush()
    assert stream.buffer.getvalue().decode(encoding) == text


def test_a_full_disk_behind_stdout_is_an_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "s2f_cli", "recipes", "show", "conv-ae"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: No space left on device")
    assert b"Exception ignored" not in done.stderr


@pytest.fixture
def default_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the process, also where the tests run under `nohup`."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), signal.SIG_DFL) for name in names}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("default_signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signals_end_a_command_as_ctrl_c_does(name: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), process.gentle_signals():
        signal.raise_signal(number)
        time.sleep(5)
    assert signal.getsignal(number) == before


def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with process.gentle_signals():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
