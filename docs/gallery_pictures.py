"""Write the pictures of the README and of the gallery, from the Face Research Lab London Set.

    python docs/gallery_pictures.py LONDON WORK

LONDON is the folder with `images/` and `people.csv`. Each picture is what the command above it in
`docs/gallery.md` writes, scaled down. Results in the folder WORK are kept, so an interrupted run continues.
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image

from s2f_cli.core import contact_sheet, images

DOCS = Path(__file__).parent
PICTURES = DOCS / "images"
BENCHMARKS = DOCS.parent / "tests" / "benchmarks"
FIRST_PAGE = ("127", "025", "039", "005")
"""The people of the README's picture."""
BEST, WORST, CLOSE, PASTED = "127", "070", "039", "043"
DETAIL = (408, 280, 728, 600)
"""The part of a photo of 768 pixels that shows an eye and a strand of hair: left, top, right, bottom."""
HEAD = 0.14
"""Share of each side that is cut off around a head."""
SHEET_CELL, SHEET_GAP, SHEET_TITLE = 256, 4, 16
"""The measures of the sheets of `faces_of_everyone.py`, in pixels."""


def main(london: Path, work: Path) -> None:
    """Write all pictures."""
    photos, smiling = work / "photos", work / "smiling"
    for folder, expression in ((photos, "neutral"), (smiling, "smiling")):
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted((london / "images").glob(f"*_{expression}.jpg")):
            (folder / file.name).write_bytes(file.read_bytes())
    sketches(photos, smiling, work)
    faces(photos, work)
    there_and_back(london, work)
    first_page(photos, work)


def sketches(photos: Path, smiling: Path, work: Path) -> None:
    """The pictures of the direction photo → sketch."""
    alone = ("--paste-back", "none", "--size", "model")
    sheet(work, "photos-to-sketches", 1700, "sketch", photos, "--style", "all")
    sheet(work, "aligned-faces", 1100, "sketch", photos, *alone)
    sheet(work, "smiling-faces", 1100, "sketch", smiling, *alone)
    for name, person in (("best", BEST), ("worst", WORST)):
        photo = photos / f"{person}_neutral.jpg"
        result = translated(work / name, "sketch", photo, "--compare")
        save(result.with_suffix(".compare.png"), f"gallery/{name}.jpg", 1100)
    pasted = translated(work / "pasted", "sketch", photos / f"{PASTED}_neutral.jpg", "--paste-back", "photo")
    save(pasted, "gallery/paste-back-photo.jpg", 360)
    photo = photos / f"{CLOSE}_neutral.jpg"
    soft = images.read(translated(work / "soft", "sketch", photo, "--size", "256"))
    crisp = images.read(translated(work / "crisp", "sketch", photo))
    whole = images.read(photo)
    parts = [
        image.resize(whole.size, Image.Resampling.BICUBIC).crop(DETAIL) for image in (whole, soft, crisp)
    ]
    write(contact_sheet.side_by_side(parts), "gallery/strokes.jpg")


def faces(photos: Path, work: Path) -> None:
    """The pictures of the direction sketch → photo."""
    if not (work / "drawings").is_dir():
        run(BENCHMARKS / "freehand_drawings.py", work / "drawings")
    sheet(work, "freehand", 1200, "face", work / "drawings")
    for sketcher in ("xdog", "pencil"):
        if not (work / sketcher).is_dir():
            run("-m", "s2f_cli", "sketchify", photos, "--sketcher", sketcher, "--output", work / sketcher)
        sheet(work, f"{sketcher}-to-faces", 1200, "face", work / sketcher)


def there_and_back(london: Path, work: Path) -> None:
    """Sixteen rows cut out of the sheets of `faces_of_everyone.py`, which prints the table of the groups."""
    folder = work / "sheets"
    if not folder.is_dir():
        run(BENCHMARKS / "faces_of_everyone.py", "--people", london, "--like", "--gallery", folder)
    rows = []
    step = SHEET_CELL + SHEET_GAP
    for file in sorted(folder.glob("*.png")):
        page = images.read(file)

        def cell(column: int, row: int, page: Image.Image = page) -> Image.Image:
            left, top = SHEET_GAP + column * step, SHEET_GAP + SHEET_TITLE + row * step
            return head(page.crop((left, top, left + SHEET_CELL, top + SHEET_CELL)))

        rows.append([cell(0, 0), *(cell(style, row) for row in (0, 1) for style in range(1, 5))])
    write(scaled(contact_sheet.grid(rows), 1176), "gallery/there-and-back.jpg")


def first_page(photos: Path, work: Path) -> None:
    """The pictures of the README: four people and the astronaut, each there and back."""
    rows = []
    for person in FIRST_PAGE:
        three = back(work / "people", photos / f"{person}_neutral.jpg")
        rows.append(contact_sheet.side_by_side([head(image).resize((200, 200)) for image in three]))
    blank = Image.new("RGB", (6, 200), "white")
    lines = [contact_sheet.side_by_side([rows[i], blank, rows[i + 1]]) for i in (0, 2)]
    page = Image.new("RGB", (lines[0].width, 404), "white")
    for place, line in enumerate(lines):
        page.paste(line, (0, place * 204))
    write(page, "people.jpg")

    from skimage import data

    astronaut = work / "astronaut.png"
    Image.fromarray(data.astronaut()).save(astronaut)
    three = back(work / "astronaut", astronaut, "--paste-back", "none")
    write(contact_sheet.side_by_side([image.resize((328, 328)) for image in three]), "astronaut.png")


def back(folder: Path, photo: Path, *options: str) -> list[Image.Image]:
    """A photo, the sketch of it, and the face made from that in the colours of the photo."""
    sketch = translated(folder / "sketches", "sketch", photo)
    face = translated(folder / "faces", "face", sketch, "--like", photo, *options)
    return [images.read(file).convert("RGB") for file in (photo, sketch, face)]


def sheet(work: Path, name: str, width: int, to: str, folder: Path, *options: str) -> None:
    """The contact sheet of a folder."""
    file = work / f"{name}.png"
    if not file.is_file():
        translate(to, folder, "--output", work / name, "--sheet", file, *options)
    save(file, f"gallery/{name}.jpg", width)


def translated(folder: Path, to: str, file: Path, *options: object) -> Path:
    """The result of one file."""
    result = folder / f"{file.name.split('.')[0]}.{to}.png"
    if not result.is_file():
        translate(to, file, "--output", folder, *options)
        (found,) = [
            path for path in folder.glob(f"{file.name.split('.')[0]}*.png") if ".compare" not in path.name
        ]
        found.replace(result)
    return result


def translate(to: str, source: Path, *options: object) -> None:
    """Translate by the shipped model."""
    model = "face-to-sketch" if to == "sketch" else "sketch-to-face"
    run("-m", "s2f_cli", "translate", "--to", to, source, "--model", model, *options)


def run(*words: object) -> None:
    """Run Python."""
    subprocess.run([sys.executable, *map(str, words)], check=True)


def head(image: Image.Image) -> Image.Image:
    """The middle of an image."""
    left, top = round(image.width * HEAD), round(image.height * HEAD)
    return image.crop((left, top, image.width - left, image.height - top))


def scaled(image: Image.Image, width: int) -> Image.Image:
    """An image of a width."""
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


def save(file: Path, name: str, width: int) -> None:
    """Write the image of a file to the pictures, at a width."""
    write(scaled(images.read(file), width), name)


def write(image: Image.Image, name: str) -> None:
    """Write an image to the pictures, JPEG small enough for a page."""
    image.save(PICTURES / name, quality=80)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
