"""Errors of usage in the form of all others: one line that says what is wrong, and a hint."""

import difflib
import re
from typing import Any

import typer

from s2f_cli.core.errors import S2FError

UsageProblem: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""What Typer raises for wrong usage; it may be the class of its own or of Click."""

_CHOICES = re.compile(r"'(?P<given>[^']*)' is not one of (?P<known>'.*')")
_WORDS = {
    "Value error, ": "",
    "Input should be": "it must be",
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
}
"""Words of Pydantic, which checks values for Typer, and those of s2f."""
_GUESS = re.compile(r" Did you mean (.+?)\?\.?$")


def shows_help(problem: Exception) -> bool:
    """Whether it stands for a command without arguments, which has printed its help."""
    return type(problem).__name__ == "NoArgsIsHelpError"


def usage_error(problem: Any, command: str = "s2f") -> S2FError:
    """A usage problem as an error: what is wrong, and the nearest known name or the help of a command.

    The command is that of the problem, or `command` if the problem has none.
    """
    possible = getattr(problem, "possibilities", None) or []
    message = problem.message if possible else problem.format_message()
    for pydantics, ours in _WORDS.items():
        message = message.replace(pydantics, ours)
    message, _, hint = message.partition("; ")
    guess = _GUESS.search(message)
    message = " ".join(_GUESS.sub("", message).split()).rstrip(".")
    if choice := _CHOICES.search(message):
        known = re.findall(r"'([^']*)'", choice["known"])
        possible = difflib.get_close_matches(choice["given"], known, n=1)
    if hint:
        return S2FError(message[:1].lower() + message[1:], hint.rstrip("."))
    named = guess[1] if guess else " or ".join(map(repr, sorted(possible)))
    context = getattr(problem, "ctx", None)
    help_of = f"see `{context.command_path if context else command} --help`"
    return S2FError(
        message[:1].lower() + message[1:], f"did you mean {named}? {help_of}" if named else help_of
    )
