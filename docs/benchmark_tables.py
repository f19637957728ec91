"""Bring the tables of benchmarks into `docs/results.md`, and their rows into `docs/benchmarks`.

    python docs/benchmark_tables.py bench/cuhk bench/fs2k

The `table.md` of each folder, without its first line, the command, replaces what is between
`<!-- benchmark FOLDER -->` and `<!-- end of benchmark -->`, where FOLDER is the last part of the path. Its
headings begin with FOLDER in place of the data set, so that a data set can have several benchmarks. The rows
go to `benchmarks/FOLDER.json.gz`, for `s2f benchmark --add`.
"""

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).with_name("results.md")
ROWS = Path(__file__).with_name("benchmarks")


def replaced(page: str, name: str, tables: str) -> str:
    """The page with the tables of a benchmark; raises ValueError without exactly one place for them."""
    block = re.compile(rf"(<!-- benchmark {re.escape(name)} -->\n).*?(<!-- end of benchmark -->)", re.DOTALL)
    _, _, body = tables.partition("\n\n")
    body = re.sub(r"^### [^,\n]+,", f"### {name},", body, flags=re.MULTILINE)
    text, count = block.subn(lambda found: f"{found[1]}\n{body.strip()}\n\n{found[2]}", page)
    if count != 1:
        raise ValueError(f"the page has {count} places for the benchmark {name}, not 1")
    return text


def main(folders: Sequence[str]) -> None:
    """Write the page with the tables of the folders, and copy their rows."""
    page = PAGE.read_text(encoding="utf-8")
    ROWS.mkdir(exist_ok=True)
    for folder in map(Path, folders):
        page = replaced(page, folder.name, (folder / "table.md").read_text(encoding="utf-8"))
        shutil.copy(folder / "rows.json.gz", ROWS / f"{folder.name}.json.gz")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
