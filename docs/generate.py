"""Write the documents that are made from the code; with `--check`, fail if one of them is out of date.

python docs/generate.py [--check]
"""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent


def command_reference() -> str:
    """`docs/cli.md`: every command and option, by Typer's own generator."""
    line = [sys.executable, "-m", "typer", "s2f_cli.cli", "utils", "docs", "--name", "s2f"]
    return subprocess.run(line, check=True, capture_output=True, text=True, cwd=DOCS.parent).stdout


GENERATED = {"cli.md": command_reference}


def main() -> int:
    """Write, or check, every generated document; returns the number of those out of date."""
    check = "--check" in sys.argv[1:]
    stale = 0
    for name, make in GENERATED.items():
        file, text = DOCS / name, make()
        if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
            print(f"docs/{name} is out of date: run `python docs/generate.py`")
            stale += 1
        elif not check:
            file.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
