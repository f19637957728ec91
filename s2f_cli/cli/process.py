"""The process of a command: its standard streams and its signals.

Streams may be closed, unable to write a character, or lose their reader; a terminal may be closed.
"""

import codecs
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

_ERRORS = "s2f-plain"
"""The error handler that writes characters in the encoding of a stream."""
_REPLACED = {"strict", "backslashreplace", "surrogateescape"}
"""The error handlers that Python chooses by itself."""
_PLAIN = {
    **dict.fromkeys("↑", "^"),
    **dict.fromkeys("↓", "v"),
    **dict.fromkeys("→▶", ">"),
    **dict.fromkeys("←◀", "<"),
    **dict.fromkeys("–—−─━╸╺╴╶", "-"),
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("•·●", "*"),
    **dict.fromkeys("\u00a0\u202f\u2009", " "),
    "…": "...",
    "×": "x",
    "±": "+-",
    "≈": "~",
    "≤": "<=",
    "≥": ">=",
    "µ": "u",
    "²": "^2",
}


def prepare() -> None:
    """Make standard streams usable: open closed ones on the null device, and let none fail at a character."""
    _open_descriptors()
    sys.stdin = sys.stdin or _null("r")
    sys.stdout = sys.stdout or _null("w")
    sys.stderr = sys.stderr or _null("w")
    codecs.register_error(_ERRORS, _plain)
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", "") in _REPLACED and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_ERRORS)
    if not os.environ.get("TERMINAL_WIDTH", "0").isdecimal():
        del os.environ["TERMINAL_WIDTH"]  # Typer reads it as a number


def is_closed(stream: TextIO) -> bool:
    """Whether a standard stream was closed when the process started."""
    return getattr(stream, "name", None) == os.devnull


def discard_output() -> None:
    """Send what stdout and stderr still hold, and all further output, to the null device."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            descriptor = stream.fileno()
        except (OSError, ValueError, AttributeError):
            continue
        if descriptor in (1, 2):
            os.dup2(null, descriptor)
    os.close(null)


@contextmanager
def gentle_signals() -> Iterator[None]:
    """In this block SIGTERM raises KeyboardInterrupt, and a closed terminal does as SIGTERM.

    Signals that the process ignores, as SIGHUP under `nohup`, stay ignored.
    """
    handlers = {"SIGTERM": _interrupt, "SIGHUP": _terminate, "SIGBREAK": _terminate}
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name, handler in handlers.items():
            number = getattr(signal, name, None)  # Windows has no SIGHUP, the others no SIGBREAK
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def _interrupt(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a terminal that is closed sends several
    raise KeyboardInterrupt


def _terminate(number: int, frame: object) -> None:
    signal.raise_signal(signal.SIGTERM)


def _null(mode: str) -> TextIO:
    return cast(TextIO, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123


def _open_descriptors() -> None:
    """Open closed descriptors below 3: the next file would get their number, and others' output."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _plain(problem: UnicodeError) -> tuple[str, int]:
    """Write characters as similar ASCII characters, others as escapes."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    text = problem.object[problem.start : problem.end]
    return "".join(map(_plain_character, text)), problem.end


def _plain_character(character: str) -> str:
    if "\u2800" <= character <= "\u28ff":  # spinners
        return "*"
    return _PLAIN.get(character) or character.encode("ascii", "backslashreplace").decode()
