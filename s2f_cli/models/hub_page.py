"""The README.md of a model on the Hugging Face Hub, written from its card. Needs the extra `hub`."""

import re
from collections.abc import Sequence
from typing import Any

from s2f_cli.models.card import Card
from s2f_cli.models.domains import other
from s2f_cli.models.hub import Reference, library

_LICENCES = ("mit", "apache-2.0", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0")
"""The names that the hub knows for licences of data and models."""


def render(card: Card, reference: Reference, pictures: Sequence[str] = ()) -> str:
    """The page of a model: front matter as the hub reads it, pictures, how to use it, and its card.

    Args:
        card: The card of the model.
        reference: Where the model will be.
        pictures: Paths of pictures in the repository.
    """
    uses = [f"s2f translate --model {_model(reference)} --to {to} photo.jpg" for to in card.directions]
    if not uses:
        uses = [f"s2f sample --model {_model(reference)} --to {to}" for to in card.recipe.samples]
    parts = [
        f"---\n{_front_matter(card, reference)}\n---",
        f"# {reference.name}",
        "\n".join(f"![Images made by {reference.name}](<{picture}>)" for picture in pictures),
        f"{_sentence(card.recipe.title)} A model of the command-line tool s2f.",
        "## Use",
        "Install s2f with its extra `hub`, then:",
        "```sh\n" + "\n".join(uses) + "\n```",
        _python(card, reference),
        "Its results show how a face or a drawing may look. Do not use them to identify anyone.",
        "## Terms",
        card.licence or "The card of the model names no licence.",
        "## Training",
        f"Data: {card.data or 'not recorded'}.",
        f"Recipe: {card.recipe.name} ({card.recipe.source}), {card.step} steps, seed {card.seed}.",
        f"```sh\n{card.command}\n```" if card.command else "",
        *(f"## {_heading(topic)}\n\n{text}" for topic, text in card.notes.items()),
        _scores(card),
        f"Written by s2f {card.s2f} with torch {card.torch}.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _front_matter(card: Card, reference: Reference) -> str:
    """The YAML between the dashes: licence, tags, library, task, and scores in the form of a model index."""
    hub = library()
    task = "image-to-image" if card.directions else "unconditional-image-generation"
    licence: dict[str, str] = {"license": card.licence.lower()}
    if licence["license"] not in _LICENCES:
        page = f"{hub.constants.ENDPOINT}/{reference.repository}#terms"
        licence = {"license": "other", "license_name": "terms-of-the-training-data", "license_link": page}
    data: Any = hub.ModelCardData(
        **licence,
        library_name="s2f",
        pipeline_tag=task,
        tags=["face", "sketch", *(f"{other(to)}-to-{to}" for to in card.directions), card.recipe.name],
        model_name=reference.name,
        eval_results=[
            hub.EvalResult(
                task_type=task,
                metric_type=metric,
                metric_value=value,
                dataset_name=data_set,
                dataset_type=re.sub(r"\W+", "-", data_set.lower()).strip("-")[:60],
            )
            for metric, data_set, value in _split_scores(card)
        ]
        or None,
    )
    return str(data.to_yaml()).strip()


def _split_scores(card: Card) -> list[tuple[str, str, float]]:
    """Metric, data set and value of each score; cards write "METRIC, DATA SET"."""
    split = ((*name.partition(", "), value) for name, value in card.scores.items())
    return [(metric, data_set or card.data or "unnamed", value) for metric, _, data_set, value in split]


def _scores(card: Card) -> str:
    rows = [f"| {metric} | {data_set} | {value:.4g} |" for metric, data_set, value in _split_scores(card)]
    return "\n".join(["## Scores\n", "| metric | data | value |", "| --- | --- | --- |", *rows]) * bool(rows)


def _python(card: Card, reference: Reference) -> str:
    if not card.directions:
        return ""
    lines = ["import s2f_cli as s2f", f'model = s2f.load("{_model(reference)}", to="{card.directions[0]}")']
    return "\n".join(["```python", *lines, 'model.translate("photo.jpg").save("result.png")', "```"])


def _model(reference: Reference) -> str:
    """The address as users name it: without the file where it is the default."""
    file = "" if reference.file == "model.safetensors" else reference.file
    return str(Reference(reference.owner, reference.name, reference.revision, file))


def _heading(topic: str) -> str:
    return topic[:1].upper() + topic[1:]


def _sentence(text: str) -> str:
    return _heading(text).rstrip(".") + "."
