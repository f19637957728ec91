"""`docs/troubleshooting.md` quotes messages as s2f prints them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs/troubleshooting.md").read_text(encoding="utf-8")
MESSAGES = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)


def strings() -> Iterator[str]:
    """Every string in the package's code, with `…` in place of each value that is formatted into it."""
    for file in (TOP / "s2f_cli").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield " ".join(node.value.split())


@pytest.fixture(scope="module")
def code() -> str:
    return "\n".join(strings())


@pytest.mark.parametrize("message", MESSAGES)
def test_message_is_in_the_code(code: str, message: str) -> None:
    # `…` on the page may stand for several values and the words between them.
    pattern = ".*".join(re.escape(part.strip()) for part in message.split("…"))
    assert re.search(pattern, code), f"no message of s2f reads like {message!r}"


def test_advice_of_the_health_checks_is_named() -> None:
    from s2f_cli.training.health import ADVICE

    quoted = set(re.findall(r"s2f warns with `(\w+)`", PAGE))
    assert quoted
    assert quoted <= ADVICE.keys()
