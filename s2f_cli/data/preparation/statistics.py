"""The results of a preparation, from its ledger: counts, failures, and the lines of the manifest."""

from collections.abc import Iterator
from typing import Literal

from s2f_cli.data.preparation.ledger import Ledger


def counts(ledger: Ledger, by: Literal["split", "part"] = "split") -> dict[str, dict[str, int]]:
    """The numbers of faces, sketches, pairs and people of every split, or of every part."""
    rows = ledger.rows(
        f"SELECT {by}, sum(face), sum(sketch), sum(face AND sketch), count(DISTINCT identity) "
        "FROM chosen JOIN (SELECT name, max(domain = 'face') AS face, max(domain = 'sketch') AS sketch "
        "FROM pictures GROUP BY name) USING (name) GROUP BY 1 ORDER BY 1"
    )
    columns = ("faces", "sketches", "pairs", "people")
    return {key: dict(zip(columns, numbers, strict=True)) for key, *numbers in rows}


def failures(ledger: Ledger) -> dict[str, str]:
    """The chosen items that could not be rendered, with the reason."""
    return dict(ledger.rows("SELECT name, reason FROM chosen JOIN made USING (name) WHERE reason != ''"))  # type: ignore[arg-type]


def manifest_lines(ledger: Ledger) -> Iterator[str]:
    """The entries of all rendered items as lines of a manifest, sorted by split and name."""
    rows = ledger.rows(
        "SELECT line FROM chosen JOIN made USING (name) WHERE line != '' ORDER BY chosen.split, safe"
    )
    return (line for (line,) in rows)
