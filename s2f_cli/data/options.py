"""Command-line descriptions of dataclass fields."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """The command-line description of a dataclass field: `Annotated[type, Option("Its help.")]`.

    A field without a default becomes a positional argument.
    """

    help: str
    """One sentence, with its full stop."""
    metavar: str = ""
    """The placeholder of the value in the help, at most 10 characters; empty for the type's own."""
    panel: str = "Source"
    """The group of options in the help."""
    default: str = ""
    """The default in words, if it is computed."""
