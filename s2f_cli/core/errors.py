"""The exceptions for everything that a user can fix.

    S2FError
    ├── ImageError      a file is not an image that s2f can read or write
    ├── DataError       a data set or its manifest is missing, broken or unsuitable
    ├── RecipeError     a recipe, or an override of it, cannot be trained
    ├── RunError        a run folder is missing, broken, in use or from another recipe
    ├── BundleError     a model file is missing, corrupted, from another program, or lacks a direction
    ├── MetricError     a metric cannot be computed: weights missing, images too small …
    ├── ExportError     a model cannot be exported, or its export differs from it
    └── MissingPart     a part does not exist, or a package is not installed

Everything below the command line raises these; `s2f_cli.cli.app.main` prints them as `error:` and `hint:`
and exits 1.
"""


class S2FError(Exception):
    """A failure that the user can fix.

    `message` is one line that says what is wrong and names the file, option or value; `hint` is the fix, in
    the imperative.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def line(self) -> str:
        """Message and hint in one line, for reports of many files."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


def reason_of(problem: BaseException) -> str:
    """Why something failed, in a line. It names no file, because the message of an S2FError does."""
    if isinstance(problem, UnicodeDecodeError):
        return f"it is not text in {problem.encoding.upper()}"
    return getattr(problem, "strerror", None) or first_line(problem)


def first_line(problem: BaseException) -> str:
    """The first line of what an exception says, or its type."""
    return next(iter(str(problem).strip().splitlines()), type(problem).__name__)


class ImageError(S2FError):
    """A file is not an image that s2f can read, or an image cannot be written."""


class DataError(S2FError):
    """A data set or its manifest is missing, broken or unsuitable for the command."""


class RecipeError(S2FError):
    """A recipe, or an override of it, cannot be trained."""


class RunError(S2FError):
    """A run folder is missing, broken, in use or from another recipe."""


class BundleError(S2FError):
    """A model file is missing, corrupted, from another program, or lacks the direction."""


class MetricError(S2FError):
    """A metric cannot be computed; the other metrics are still reported."""


class ExportError(S2FError):
    """A model cannot be exported, or its export gives other results than the model."""


class MissingPart(S2FError):
    """A part of that name does not exist, or a package is not installed."""
