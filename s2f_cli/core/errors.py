"""Everything that can go wrong in a way a user can mend.

    S2FError
    ├── ImageError      a file is not an image s2f can read or write
    ├── DataError       a data set or its manifest is missing, broken or does not fit
    ├── RecipeError     a recipe, or an override of it, does not say something that can be trained
    ├── RunError        a run folder is missing, broken, taken, or belongs to another recipe
    ├── BundleError     a model file is missing, foreign, corrupted or lacks what was asked of it
    ├── MetricError     a metric cannot be computed here: weights missing, images too small …
    ├── ExportError     a model cannot be exported, or what was exported does not do what the model does
    └── MissingPart     a name is not among the parts, or a part's optional package is not installed

The core raises these; `s2f_cli.cli.app.main` prints them as `error:` and `hint:` and exits 1.
"""


class S2FError(Exception):
    """A failure that the user can mend.

    `message` says in one line what is wrong and names the file, option or value; `hint` says what to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def line(self) -> str:
        """Message and hint in one line, for the report of a batch."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ImageError(S2FError):
    """A file is not an image that s2f can read, or cannot be written."""


class DataError(S2FError):
    """A data set or its manifest is missing, broken or does not fit what was asked."""


class RecipeError(S2FError):
    """A recipe, or an override of it, does not describe something that can be trained."""


class RunError(S2FError):
    """A run folder is missing, broken, already taken, or belongs to another recipe."""


class BundleError(S2FError):
    """A model file is missing, foreign, corrupted, or lacks the direction asked for."""


class MetricError(S2FError):
    """A metric cannot be computed here; the other metrics are still reported."""


class ExportError(S2FError):
    """A model cannot be exported, or what was exported does not do what the model does."""


class MissingPart(S2FError):
    """A name is not among the parts of its kind, or an optional package is not installed."""
