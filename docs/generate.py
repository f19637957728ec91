"""Write the documents that are made from the code; with `--check`, fail if one of them is out of date.

python docs/generate.py [--check]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from recipe_catalogue import catalogue

from s2f_cli.core import registry

DOCS = Path(__file__).parent


def command_reference() -> str:
    """`docs/cli.md`: every command and option, by Typer's own generator."""
    line = [sys.executable, "-m", "typer", "s2f_cli.cli.app", "utils", "docs", "--name", "s2f"]
    return subprocess.run(line, check=True, capture_output=True, text=True, cwd=DOCS.parent).stdout


PREPARED = """# Data

`s2f prepare SOURCE …` prepares a data set in `./data`. Its images are at `SPLIT/DOMAIN/NAME.png`, the layout of
Hugging Face's `imagefolder`. Its `manifest.jsonl` records the person, split and hash of every image, and of the whole
set the origin, the licence, the command, and the files that were left out with the reason. No person is in two splits.

A file that cannot be used is named and left out, and the exit code is 1. Repeating an interrupted command resumes it.
An existing data set stays until its replacement is complete. [cli.md](cli.md) lists every option.

`s2f align PHOTOS --output OUT` and `s2f sketchify PHOTOS --output OUT` do a single step on any folder of images.
[data-steps.md](data-steps.md) describes each step, with measurements.

## Output

Without bad files, `s2f prepare demo` ends like this, with exit code 0. Progress and the last line go to stderr:

{demo}
Left-out files and duplicates are reported. Here `b.png` is empty and `c.png` is a copy of `a.png`, and the exit code
is 1:

{bad}
`s2f prepare compose` also prints a table of its parts, and each filter prints how many items it kept.

Each source below is described by its contents, how to get it, and its licence.
"""  # noqa: E501


def printed(folder: Path, command: str) -> str:
    """A command, run in a folder, and its output as a block of Markdown."""
    line = [sys.executable, "-m", "s2f_cli", *command.split()[1:]]
    room = {**os.environ, "PYTHONPATH": str(DOCS.parent), "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        line, check=False, cwd=folder, env=room, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return "\n".join(f"    {row}".rstrip() for row in [f"$ {command}", *done.stdout.splitlines()]) + "\n"


def prepared() -> str:
    """The introduction of `docs/data.md`, with the output of two commands."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        demo = printed(folder, "s2f prepare demo --count 12 --output demo")
        faces = sorted((folder / "demo/train/face").iterdir())
        (folder / "faces").mkdir()
        for name, face in zip("adef", faces, strict=False):
            shutil.copy(face, folder / f"faces/{name}.png")
        shutil.copy(faces[0], folder / "faces/c.png")
        (folder / "faces/b.png").touch()
        return PREPARED.format(demo=demo, bad=printed(folder, "s2f prepare folders --faces faces"))


def data_sources() -> str:
    """`docs/data.md`: the descriptions of all sources."""
    sections = [prepared()]
    for name in registry.names("sources"):
        source = registry.find("sources", name)
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
