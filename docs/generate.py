"""Write the documents that are made from the code; with `--check`, fail if one of them is out of date.

python docs/generate.py [--check]
"""

import subprocess
import sys
from pathlib import Path

from recipe_catalogue import catalogue

from s2f_cli import parts

DOCS = Path(__file__).parent


def command_reference() -> str:
    """`docs/cli.md`: every command and option, by Typer's own generator."""
    line = [sys.executable, "-m", "typer", "s2f_cli.cli", "utils", "docs", "--name", "s2f"]
    return subprocess.run(line, check=True, capture_output=True, text=True, cwd=DOCS.parent).stdout


PREPARED = """# Data

`s2f prepare SOURCE …` makes a data set in `./data`: images at `SPLIT/DOMAIN/NAME.png`, the layout of Hugging Face's
`imagefolder`, and `manifest.jsonl`, which says of every image whose it is, in which split, and with which hash, and of
the whole set where it came from, under which terms, by which command, and which files were left out and why. No person
stands on both sides of a split. A bad file is left out and named, the rest goes on, and the exit code is 1. An
interrupted preparation goes on where it stopped; what stood in `./data` stays until the new set is whole. Every option
is in [cli.md](cli.md).

`s2f align PHOTOS --output OUT` and `s2f sketchify PHOTOS --output OUT` do one step on any folder of images. What each step does, and
how well, measured: [data-steps.md](data-steps.md).

Below is every source: what it is, how to get it, its terms.
"""  # noqa: E501


def data_sources() -> str:
    """`docs/data.md`: what each source says of itself."""
    sections = [PREPARED]
    for name in parts.names("sources"):
        source = parts.find("sources", name)
        home = f"\n\nHomepage: <{source.homepage}>" if source.homepage else ""
        about = " ".join(source.__doc__.split())
        sections.append(f"## {name}\n\n{about}\n\n{source.layout}\n\nLicence: {source.licence}.{home}\n")
    return "\n".join(sections)


GENERATED = {"cli.md": command_reference, "data.md": data_sources, "recipes.md": catalogue}


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
