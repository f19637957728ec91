"""`s2f match`: search a gallery of photos with a sketch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from s2f_cli.cli import console
from s2f_cli.cli.help import App, HelpGroup
from s2f_cli.cli.options import OUTPUT, EngineOption, JsonOption, WorkersOption

if TYPE_CHECKING:
    from s2f_cli.core.parallel import Engine
    from s2f_cli.matching.describe import Sketch
    from s2f_cli.matching.indexing import Update
    from s2f_cli.matching.search import Match

SEARCH = "search"
COLUMNS = 5
"""Photos in a row of a sheet."""
WARNING = (
    "for research only: likeness is not identity. Do not use matches to identify, find or accuse people "
    "(docs/responsible-use.md)"
)

GALLERY = "Gallery"
IndexFile = Annotated[
    Path | None,
    typer.Option(
        "--index",
        metavar="FILE",
        help="The index.",
        show_default="match-index.safetensors in the gallery",
        rich_help_panel=GALLERY,
    ),
]


class MatchGroup(HelpGroup):
    """The group of `s2f match`, in which `search` may be left out."""

    def spelled_out(self, words: list[str]) -> list[str]:
        """The words after `s2f match`, with the subcommand that they mean."""
        return words if not words or words[0] in (*self.commands, "--help", "-h") else [SEARCH, *words]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Click's reading of the words."""
        return super().parse_args(ctx, self.spelled_out(args))


app = App(
    cls=MatchGroup,
    help="""Search a gallery of photos with a sketch, for research.

    `s2f match SKETCH --gallery DIR` is short for `s2f match search SKETCH --gallery DIR`. The gallery is
    indexed once. Likeness is not identity: matches must not be used to identify, find or accuse people.

    Examples:
      s2f match index photos
      s2f match drawing.png --gallery photos
    """,
)


@app.command(SEARCH)
def search(
    sketch: Annotated[Path, typer.Argument(metavar="SKETCH", help="A sketch.", show_default=False)],
    gallery: Annotated[
        Path,
        typer.Option(
            "--gallery",
            metavar="DIR",
            help="The folder of photos.",
            show_default=False,
            rich_help_panel=GALLERY,
        ),
    ],
    index: IndexFile = None,
    top: Annotated[
        int, typer.Option("--top", metavar="N", min=1, help="Photos to list.", rich_help_panel=OUTPUT)
    ] = 10,
    as_json: JsonOption = False,
    sheet: Annotated[
        Path | None,
        typer.Option(
            "--sheet",
            metavar="FILE",
            help="Write an image of the sketch, the face made of it, and the photos in their order.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
) -> None:
    """List the photos of a gallery whose faces are most like a sketch.

    Finds and aligns the face of the sketch, makes a photo of it with the model sketch-to-face, and compares
    both with the faces of the index. A gallery without an index is indexed first; run `s2f match index` after
    photos have changed.

    Similarity is from -1 to 1, and no probability: some photo is always the first, whether or not the gallery
    shows the person.

    Examples:
      s2f match drawing.png --gallery photos
      s2f match drawing.png --gallery photos --top 5 --sheet matches.png
    """
    from s2f_cli.matching import indexing, search

    console.say(WARNING)
    file = index or indexing.default_file(gallery)
    if not file.is_file():
        console.print_failures(_update(gallery, file).left_out)
    rows = search.open_index(gallery, file)
    described = search.read_sketch(sketch)
    matches = search.rank(rows, described.row, top)
    if as_json:
        found = [
            {
                "rank": rank,
                "file": str(gallery / match.name),
                "similarity": round(match.similarity, 4),
                "box": [round(value, 1) for value in match.box],
            }
            for rank, match in enumerate(matches, start=1)
        ]
        console.print_json(
            {"sketch": str(sketch), "gallery": str(gallery), "photos": len(rows.names), "matches": found}
        )
    else:
        lines = [
            (str(rank), f"{match.similarity:.3f}", str(gallery / match.name))
            for rank, match in enumerate(matches, start=1)
        ]
        console.print_lines(("rank", "similarity", "photo"), lines)
    if sheet:
        _write_sheet(described, matches, gallery, sheet)
        console.say(f"sheet: {sheet}")


@app.command("index")
def build_index(
    gallery: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of photos.", show_default=False)],
    index: IndexFile = None,
    workers: WorkersOption = 0,
    engine: EngineOption = "local",
) -> None:
    """Index the faces of a gallery, or bring its index up to date.

    Reads new and changed photos only, including those in subfolders, and forgets photos that are gone. An
    interrupted run continues where it was. Photos without a face are left out, and named. Prints the path of
    the index.

    The index holds descriptions of faces, which are biometric data: keep it as safe as the photos.

    Examples:
      s2f match index photos
      s2f match index photos --index photos.safetensors --workers 4
    """
    from s2f_cli.matching import indexing

    console.say(WARNING)
    done = _update(gallery, index or indexing.default_file(gallery), workers, engine)
    console.print_path(done.file)
    console.end_batch(done.left_out)


def _update(gallery: Path, file: Path, workers: int = 0, engine: Engine = "local") -> Update:
    from s2f_cli.matching import indexing

    with console.progress() as bar:
        task = bar.add_task("indexing", total=None)
        done = indexing.update(
            gallery,
            file,
            workers,
            engine,
            lambda read, total: bar.update(task, completed=read, total=total),
        )
    gone = f", {done.removed} gone" if done.removed else ""
    console.say(f"indexed faces: {done.faces}; photos: {done.photos}, {done.read} read{gone}")
    return done


def _write_sheet(sketch: Sketch, matches: list[Match], gallery: Path, file: Path) -> None:
    """Write the sketch and the face made of it, then the matches, with an error for none of them."""
    from s2f_cli.core import contact_sheet, images, metadata
    from s2f_cli.core.marks import COMPOSITE
    from s2f_cli.matching import describe

    faces = [describe.crop(images.read(gallery / match.name), match.box) for match in matches]
    rows = [[sketch.image, sketch.face]]
    rows += [faces[start : start + COLUMNS] for start in range(0, len(faces), COLUMNS)]
    images.write(contact_sheet.grid(rows), file, metadata=metadata.Metadata(describe.mark(COMPOSITE)))
