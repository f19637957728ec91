"""The conditions of images: labels of data set entries, colours measured on photos."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import ImageError, S2FError
from s2f_cli.faces import colours
from s2f_cli.faces.geometry import Transform
from s2f_cli.faces.manual_eyes import Eyes
from s2f_cli.models.colours import from_numbers
from s2f_cli.models.pretrained.person_mask import person_mask
from s2f_cli.models.recipes.conditions import ALL, Conditions

if TYPE_CHECKING:
    from s2f_cli.data.manifest import Alignment, Entry, Manifest


def like(photo: Image.Image, conditions: Conditions) -> dict[str, str]:
    """The colours in a photo, by condition; those of regions outside the photo are missing.

    Raises ImageError if skin or hair is wanted and no face is found.
    """
    eyes = colours.find_eyes(photo)
    if eyes is None and any(colour.region != "backdrop" for colour in conditions.colours.values()):
        raise ImageError(
            "no face was found in the photo to take colours from",
            "choose one that shows a face from the front",
        )
    return measured(photo, conditions, eyes)


def variants_of(
    conditions: Conditions, values: Mapping[str, str], photo: Image.Image | None = None
) -> dict[str, dict[str, str]]:
    """All conditions of each result of an input, by the label that stands in for `all`, or by an empty name.

    Colours are those of the photo, except where `values` has them. Raises S2FError for values that the model
    does not have, ImageError as `like`.
    """
    if photo is not None:
        if not conditions.colours:
            raise S2FError("the model takes no colours", "leave out the photo, or choose another model")
        values = like(photo, conditions) | dict(values)
    varied = [name for name, value in values.items() if value == ALL and name in conditions.labels]
    expanded = conditions.expand(values)
    return {"-".join(each[name] for name in varied): conditions.resolve(each) for each in expanded}


def of_entry(manifest: Manifest, entry: Entry, conditions: Conditions) -> dict[str, str]:
    """The conditions of a data set's entry: its labels, and the colours of its photo, as far as known.

    Raises ImageError if the photo cannot be read.
    """
    values = conditions.of_attributes(entry.attributes)
    if conditions.colours and "face" in entry.files:
        photo = images.read(Path(manifest.path(entry, "face")))
        values |= measured(photo, conditions, eyes_of(photo, entry.alignment.get("face")))
    return values


def eyes_of(photo: Image.Image, alignment: Alignment | None) -> Eyes | None:
    """The eyes in a photo: from its alignment if there is one, else found in it; None without."""
    if alignment is None:
        return colours.find_eyes(photo)
    to_image = Transform(alignment.matrix, alignment.width, alignment.height)
    return to_image(alignment.left_eye), to_image(alignment.right_eye)


def measured(photo: Image.Image, conditions: Conditions, eyes: Eyes | None) -> dict[str, str]:
    """The colours in a photo with these eyes, by condition, without those of regions outside the photo."""
    regions = {name: colour.region for name, colour in conditions.colours.items()}
    measured = colours.measure_photo(photo, list(regions.values()), eyes, person_mask(photo))
    return {name: from_numbers(numbers) for name, numbers in zip(regions, measured, strict=True) if numbers}
