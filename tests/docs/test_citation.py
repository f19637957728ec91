"""`CITATION.cff` has the keys that version 1.2.0 of the format requires, and this version of s2f."""

from pathlib import Path

import pytest

from s2f_cli import __version__

yaml = pytest.importorskip("yaml")
FILE = Path(__file__).parents[2] / "CITATION.cff"


def test_citation_file() -> None:
    citation = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert {"message", "title", "authors"} <= citation.keys()
    assert str(citation["version"]) == __version__
