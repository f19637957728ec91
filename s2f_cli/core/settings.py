"""Numbers in environment variables."""

import math
import os

from s2f_cli.core.errors import S2FError


def whole_number(variable: str, default: int) -> int:
    """The whole number in an environment variable, or `default` if it is unset or empty.

    Underscores may group digits. Raises S2FError naming the variable if it holds anything else.
    """
    text = os.environ.get(variable, "").strip()
    try:
        return int(text or default)
    except ValueError:
        raise _refusal(variable, "is not a whole number", "a number") from None


def seconds(variable: str, default: float) -> float:
    """The positive number of seconds in an environment variable, or `default` if it is unset or empty.

    Raises S2FError naming the variable if it holds anything else.
    """
    text = os.environ.get(variable, "").strip()
    try:
        number = float(text or default)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise _refusal(variable, "is not a number of seconds above 0", "a number of seconds")
    return number


def _refusal(variable: str, problem: str, wanted: str) -> S2FError:
    return S2FError(f"{variable}={os.environ[variable]} {problem}", f"set it to {wanted}, or unset it")
