"""The contract that every source keeps."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import get_args, get_type_hints

import pytest

from s2f_cli.core import registry
from s2f_cli.data.options import Option
from s2f_cli.data.source import Source


@pytest.fixture(params=registry.names("sources"))
def source(request: pytest.FixtureRequest) -> Iterator[type[Source]]:
    yield registry.find("sources", request.param)


def test_a_source_has_a_name_a_licence_and_a_layout(
    source: type[Source], request: pytest.FixtureRequest
) -> None:
    assert request.node.callspec.params["source"] == source.name
    assert issubclass(source, Source)
    assert source.__doc__ and source.licence and source.layout
    assert not source.homepage or source.homepage.startswith("http")


def test_the_fields_of_a_source_are_options_with_help(source: type[Source]) -> None:
    assert is_dataclass(source)
    hints = get_type_hints(source, include_extras=True)
    for field in fields(source):
        option = get_args(hints[field.name])[1]
        assert isinstance(option, Option)
        assert option.help.endswith(".") and len(option.metavar) <= 10
