"""Requests that schemathesis derives from the API's own description, valid and invalid ones.

`tests/fuzz/requests.py` sends many more of them to a running server.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode as Mode
from schemathesis.checks import CHECKS

from s2f_cli.inference.translator import Translator
from s2f_cli.web.limits import RequestLimits
from s2f_cli.web.server import create

EXAMPLES = 5
"""Requests of each kind."""
UNKNOWABLE = "positive_data_acceptance"
"""Refusing what the description allows: it cannot say that a file has to be an image."""

QUICKLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def operations(translator: Translator) -> dict[str, Any]:
    """The operations of the API by method and path."""
    limits = RequestLimits(bytes=20_000, pixels=5000, concurrent=2, seconds=30)
    schema = schemathesis.openapi.from_asgi("/openapi.json", create({"tiny": translator}, limits))
    found = [result.ok() for result in schema.get_all_operations()]
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *((name, Mode.POSITIVE) for name in ("GET /health", "GET /ready", "GET /models")),
        *((name, mode) for name in ("POST /translate", "POST /faces") for mode in Mode),
    ],
)
def test_answers_are_those_of_the_description(operations: dict[str, Any], name: str, mode: Mode) -> None:
    operation = operations[name]

    @QUICKLY
    @given(case=operation.as_strategy(generation_mode=mode))
    def answer(case: schemathesis.Case) -> None:
        response = case.call()
        assert response.status_code < 500
        case.validate_response(response, excluded_checks=CHECKS.get_by_names([UNKNOWABLE]))

    answer()
