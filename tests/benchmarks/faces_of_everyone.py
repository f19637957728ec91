"""Measure models on people of all kinds, and print the tables as Markdown. Run by hand:

    python tests/benchmarks/faces_of_everyone.py --fs2k FS2K --cuhk CUHK --people PEOPLE \\
        --to-sketch face-to-sketch runs/pix2pix --to-face sketch-to-face runs/pix2pix \\
        --rivals OUTPUTS --gallery sheets [--given labels all] [--limit 8]

FS2K and CUHK are prepared data sets (`s2f prepare fs2k … --size 256 --find-eyes`, `s2f prepare cufs …`). All
models, with their blurred controls, are scored under the protocols `fs2k`, `cuhk-88-100` and, with folders of
published outputs, `cuhk-200x250`; FS2K is broken down by style and attributes.

PEOPLE is a folder of photos in `images/` with a table `people.csv` (file, face_id, expression, age, gender,
self_reported_ethnicity), like the Face Research Lab London Set. The first model of each direction draws each
photo in every style, and makes a face of each drawing. The face and the drawing are compared with the photo.
Means and their 95 % bootstrap intervals are over people, each the mean of their images; a group fails where
even the good end of its interval is more than 0.05 worse than the best group. Each person gets a sheet.

`--limit N` takes N test pairs of each data set, and N people: for a try.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

import s2f_cli as s2f
from s2f_cli.cli.commands.evaluate.output import show_markdown
from s2f_cli.cli.console import markdown
from s2f_cli.core import contact_sheet, images
from s2f_cli.data.manifest import Manifest, to_line, write_lines
from s2f_cli.evaluation.features import FeatureStore
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.scoring import Sample, Score, Scorer, find_metrics, mean_score
from s2f_cli.evaluation.tables import format_score
from s2f_cli.inference.model import Model

METRICS = ("ssim_gray", "fsim", "scoot", "sharpness", "identity")
ATTRIBUTES = ("style", "gender", "hair_color", "hair", "smiling", "earring", "frontal")
GROUPS = ("self_reported_ethnicity", "gender", "expression")
COMPARED = ("identity", "sharpness")
TOLERANCE = 0.05


@contextmanager
def limited(data: Path, count: int | None) -> Iterator[Path]:
    """A data set, or one of some pairs of each of its splits, whose images are those of the other."""
    if count is None:
        yield data
        return
    manifest = Manifest.read(data)
    with TemporaryDirectory() as folder:
        for split in manifest.splits():
            Path(folder, split).symlink_to((data / split).resolve(), target_is_directory=True)
        entries = []
        for split in manifest.splits():
            pairs = manifest.pairs(split)
            entries += pairs[:: max(len(pairs) // count, 1)][:count]
        write_lines(Path(folder), manifest.header, map(to_line, entries))
        yield Path(folder)


def score(title: str, options: argparse.Namespace, models: Sequence[str], **settings: Any) -> None:
    """Print the table of a data set and direction, for each choice of what models are given."""
    for given in options.given:
        print(f"\n### {title}, given {given}\n", flush=True)
        evaluation = s2f.evaluate(
            models,
            metrics=METRICS,
            given=[given],
            control=True,
            allow_mismatch=options.limit is not None,
            device=options.device,
            **settings,
        )
        show_markdown(evaluation, settings.get("by", ()))


def score_data_sets(options: argparse.Namespace) -> None:
    """Print the tables of FS2K and CUHK."""
    for domain, models in (("sketch", options.to_sketch), ("face", options.to_face)):
        if options.fs2k and models:
            with limited(options.fs2k, options.limit) as data:
                score(
                    f"FS2K to {domain}", options, models, data=data, to=domain, protocol="fs2k", by=ATTRIBUTES
                )
        if options.cuhk and models:
            with limited(options.cuhk, options.limit) as data:
                score(f"CUHK to {domain}", options, models, data=data, to=domain, protocol="cuhk-88-100")
                if domain == "sketch" and options.rivals:
                    rows = [*models, *options.rivals]
                    score("CUHK, published", options, rows, data=data, to=domain, protocol="cuhk-200x250")


@dataclass(frozen=True)
class Photo:
    """A photo of a person."""

    name: str
    person: str
    attributes: Mapping[str, str]
    image: Image.Image


def read_photos(folder: Path, limit: int | None, side: int) -> Iterator[Photo]:
    """The photos of the people, each with at most `side` pixels on its short side."""
    with (folder / "people.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    people = list(dict.fromkeys(row["face_id"] for row in rows))[:limit]
    for row in rows:
        if row["face_id"] in people:
            photo = images.read(folder / "images" / row["file"])
            photo = images.resize_short_side(photo, side) if min(photo.size) > side else photo
            yield Photo(row["file"], row["face_id"], row, photo)


def there_and_back(
    photo: Photo, to_sketch: Model, to_face: Model, *, like: bool
) -> tuple[dict[str, Image.Image], dict[str, Image.Image]]:
    """The drawings of a photo, and the face that each becomes again, by style."""
    given = {"style": "all"} if "style" in to_sketch.card.recipe.conditions.labels else {}
    styles = to_sketch.pipeline(**given).variants
    drawings = {
        style or "sketch": to_sketch.translate(photo.image, **values) for style, values in styles.items()
    }
    colours = photo.image if like and to_face.card.recipe.conditions.colours else None
    faces = {style: to_face.translate(drawing, like=colours) for style, drawing in drawings.items()}
    return drawings, faces


def compare_people(options: argparse.Namespace) -> None:
    """Print the tables of the people, and write their sheets."""
    to_sketch = s2f.load(options.to_sketch[0], to="sketch", device=options.device)
    to_face = s2f.load(options.to_face[0], to="face", device=options.device)
    metrics, store = find_metrics(COMPARED), FeatureStore()
    scorers: dict[str, Scorer] = defaultdict(lambda: Scorer(metrics, store, resize=True))
    people: dict[str, str] = {}
    sheets: dict[str, list[list[Image.Image]]] = defaultdict(list)
    titles: list[str] = []
    for photo in read_photos(options.people, options.limit, options.side):
        people[photo.name] = photo.person
        drawings, faces = there_and_back(photo, to_sketch, to_face, like=options.like)
        for kind, results in (("sketch", drawings), ("face back", faces)):
            for style, image in results.items():
                scorers[f"{kind}, {style}"].add(Sample(photo.name, image, photo.image, photo.attributes))
        titles = ["photo", *drawings]
        blank = Image.new("RGB", photo.image.size, "white")
        sheets[photo.person] += [[photo.image, *drawings.values()], [blank, *faces.values()]]
    if options.gallery:
        for person, rows in sheets.items():
            cells = [[images.resize_short_side(image, 256) for image in row] for row in rows]
            images.write(contact_sheet.grid(cells, titles), options.gallery / f"{person}.png")
    for title, scorer in scorers.items():
        scores = scorer.scores()
        print(f"\n### {title}, against the photo\n")
        for problem in scores.failed.values():
            print(f"- {problem.line}\n")
        for metric, without in scores.undefined.items():
            print(
                f"- {metric} is undefined for {len(without)} of {len(people)} images: {', '.join(without)}\n"
            )
        for attribute in GROUPS:
            table = by_group(scores.per_image, scores.attributes, people, attribute)
            print(group_table(table, metrics, attribute))
            print(*(f"- {line}" for line in verdicts(table, metrics, attribute)), "", sep="\n")


Table = dict[str, dict[str, Score]]
"""Groups of people → metric → mean with its interval."""


def by_group(
    per_image: Mapping[str, Mapping[str, float]],
    attributes: Mapping[str, Mapping[str, str]],
    people: Mapping[str, str],
    attribute: str,
) -> Table:
    """Average the images of each person, then the people of each group."""
    of_person: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for name, by_metric in per_image.items():
        for metric, value in by_metric.items():
            of_person[attributes[name][attribute], people[name], metric].append(value)
    of_group: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (group, _, metric), values in sorted(of_person.items()):
        if (mean := mean_score(values)) is not None:
            of_group[group][metric].append(mean.value)
    means = {group: {m: mean_score(values) for m, values in own.items()} for group, own in of_group.items()}
    return {group: {m: mean for m, mean in own.items() if mean} for group, own in means.items()}


def group_table(table: Table, metrics: Mapping[str, Metric], attribute: str) -> str:
    """The groups as a table in Markdown."""
    rows = [
        [
            group,
            str(max(score.count for score in scores.values())),
            *(format_score(scores.get(name)) for name in metrics),
        ]
        for group, scores in table.items()
    ]
    return markdown([attribute, "people", *(metric.title for metric in metrics.values())], rows) + "\n"


def verdicts(table: Table, metrics: Mapping[str, Metric], attribute: str) -> Iterator[str]:
    """For each metric, whether any group is worse than the best by more than the tolerance."""
    for name, metric in metrics.items():
        sign = 1 if metric.better == "higher" else -1
        scores = {group: own[name] for group, own in table.items() if name in own}
        if not scores:
            yield f"{metric.title}: undefined for all"
            continue
        best = max(scores, key=lambda group: sign * scores[group].value)
        gaps = {group: sign * scores[best].value - _good_end(score, sign) for group, score in scores.items()}
        failing = [f"{group} by {gap:.3f}" for group, gap in gaps.items() if gap > TOLERANCE]
        verdict = f"FAILS: {', '.join(failing)}" if failing else "holds"
        yield (
            f"{metric.title}: no {attribute} worse than the best ({best}) by more than {TOLERANCE} "
            f"beyond its interval: {verdict}"
        )


def _good_end(score: Score, sign: int) -> float:
    """The better end of an interval, larger for better scores; the mean without an interval."""
    end = score.high if sign > 0 else score.low
    return sign * (score.value if end is None else end)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fs2k", type=Path)
    parser.add_argument("--cuhk", type=Path)
    parser.add_argument("--people", type=Path)
    parser.add_argument("--to-sketch", nargs="*", default=["face-to-sketch"], metavar="MODEL")
    parser.add_argument("--to-face", nargs="*", default=["sketch-to-face"], metavar="MODEL")
    parser.add_argument("--rivals", nargs="*", default=[], metavar="FOLDER", help="outputs for CUHK")
    parser.add_argument("--given", nargs="+", default=["labels"], help="tables for labels, all …")
    parser.add_argument("--like", action="store_true", help="tell sketch-to-face the colours of the photo")
    parser.add_argument("--gallery", type=Path, metavar="FOLDER")
    parser.add_argument("--side", type=int, default=512, help="short side of the people's photos, in pixels")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    score_data_sets(options)
    if options.people:
        compare_people(options)


if __name__ == "__main__":
    main()
