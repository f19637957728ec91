"""JSON and TOML in the encodings of editors and shells, and documents that are broken in unusual ways."""

from collections.abc import Callable

import pytest

from s2f_cli.core import documents
from s2f_cli.core.errors import first_line

PARSERS = [documents.from_json, documents.from_toml]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(("parse", "text"), [(PARSERS[0], '{"a": "é"}'), (PARSERS[1], "a = 'é'\n")])
def test_documents_of_windows_are_read(parse: Callable, text: str, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    assert parse(mark + text.encode(encoding)) == {"a": "é"}


@pytest.mark.parametrize(
    "text", ["[" * 3000, "a = " + "[" * 3000, "9" * 5000, f"a = {'9' * 5000}", "{", "\0"]
)
@pytest.mark.parametrize("parse", PARSERS)
def test_broken_documents_are_value_errors(parse: Callable, text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize("parse", PARSERS)
def test_other_bytes_are_value_errors(parse: Callable) -> None:
    with pytest.raises(ValueError):
        parse(b'a = "\xff"')


def test_an_exception_is_its_first_line_or_its_type() -> None:
    assert first_line(ValueError("\none\ntwo")) == "one"
    assert first_line(MemoryError()) == "MemoryError"
