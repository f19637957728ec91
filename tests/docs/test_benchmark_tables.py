"""The tables of benchmarks in `docs/results.md`."""

from pathlib import Path

import benchmark_tables
import pytest
from benchmark_tables import replaced

PAGE = "# Results\n<!-- benchmark cuhk -->\nold\n<!-- end of benchmark -->\nafter\n"


def test_tables_take_the_place_of_the_old_ones() -> None:
    page = replaced(PAGE, "cuhk", "    s2f benchmark a\n\n1 row.\n\n### cuhk \\1\n")
    assert page == PAGE.replace("\nold\n", "\n\n1 row.\n\n### cuhk \\1\n\n")
    assert replaced(page, "cuhk", "    s2f\n\n1 row.\n\n### cuhk \\1\n") == page


def test_a_page_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="0 places for the benchmark fs2k"):
        replaced(PAGE, "fs2k", "    s2f\n\nrows\n")


def test_headings_begin_with_the_name_of_the_benchmark() -> None:
    page = replaced(PAGE, "cuhk", "    s2f\n\n1 row.\n\n### students, face → sketch\n\n### students, costs\n")
    assert "### cuhk, face → sketch\n\n### cuhk, costs\n" in page


def test_tables_and_rows_go_where_the_docs_have_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, folder = tmp_path / "results.md", tmp_path / "bench/cuhk"
    monkeypatch.setattr(benchmark_tables, "PAGE", page)
    monkeypatch.setattr(benchmark_tables, "ROWS", tmp_path / "benchmarks")
    folder.mkdir(parents=True)
    page.write_text(PAGE)
    (folder / "table.md").write_text("    s2f\n\nnew\n")
    (folder / "rows.json.gz").write_bytes(b"rows")
    benchmark_tables.main([str(folder)])
    assert page.read_text() == PAGE.replace("\nold\n", "\n\nnew\n\n")
    assert (tmp_path / "benchmarks/cuhk.json.gz").read_bytes() == b"rows"
