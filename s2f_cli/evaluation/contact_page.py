"""A web page that shows the images of a folder: each photo beside what was made from it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from s2f_cli.core import image_folder, images
from s2f_cli.core.errors import ImageError
from s2f_cli.evaluation.gallery import thumbnail
from s2f_cli.evaluation.pages import render


@dataclass(frozen=True)
class ContactPage:
    """The page, and the files that it lacks."""

    html: str
    left_out: dict[str, str] = field(default_factory=dict)
    """Files that cannot be used, with the reason."""


def is_contact_page(file: Path) -> bool:
    """Whether a file is a page of this kind."""
    return b'class="figures contact"' in file.read_bytes()


def contact_page(folder: Path, page: Path) -> ContactPage:
    """Show the images below a folder, for a page that will be at the path `page`.

    Names that are equal up to the first dot are one row, as `anna.jpg` and `anna.sketch.png`. Thumbnails are
    part of the page, and lead to the files by relative links. Raises ImageError if the folder does not exist
    or holds no image.
    """
    found = image_folder.find(folder)
    left_out = dict(found.left_out)
    rows: dict[tuple[Path, str], list[dict[str, str]]] = {}
    for file in found.files:
        try:
            shown = thumbnail(images.read(file))
        except ImageError as problem:
            left_out[str(file)] = problem.line
            continue
        link = quote(Path(os.path.relpath(file, page.parent)).as_posix(), errors="surrogateescape")
        row = rows.setdefault((file.parent, file.name.partition(".")[0]), [])
        row.append({"link": link, "name": file.name, "thumbnail": shown})
    html = render("contact.html.jinja", title=folder.resolve().name or str(folder), rows=list(rows.values()))
    return ContactPage(html, left_out)
