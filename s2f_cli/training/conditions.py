"""The condition vectors of a batch: labels from the data set, colours measured on the augmented photos."""

from collections.abc import Collection, Mapping
from weakref import WeakKeyDictionary

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from s2f_cli.data.manifest import Entry, Manifest
from s2f_cli.faces import colours
from s2f_cli.faces.manual_eyes import Eyes
from s2f_cli.inference.conditions import eyes_of
from s2f_cli.models.domains import Domain
from s2f_cli.models.pretrained.person_mask import person_mask
from s2f_cli.models.recipes.conditions import Conditions
from s2f_cli.training.augmentations import Levels

_OUTLINE_SIDE = 64
"""The side of a stored outline in pixels; it is small, because all are kept in memory."""

_Finds = dict[tuple[str, bool], tuple[Eyes | None, Levels | None]]
"""The eyes in a photo, and the person's outline if it is needed, by the entry's name and whether it is."""
_FINDS: WeakKeyDictionary[Manifest, _Finds] = WeakKeyDictionary()
"""What was found in the photos of a data set; all stages of a training use it."""


class BatchConditions:
    """Fills the condition vectors of batches that have images of some domains.

    Labels belong to the sketch of a row, if the batch has sketches, and colours to its photo. What is not
    known has the default of the condition: an attribute that means no label, the colours of a photo without a
    face, and of a region that an augmentation moved out of the photo.
    """

    def __init__(self, conditions: Conditions, domains: Collection[Domain], manifest: Manifest) -> None:
        self._conditions = conditions
        self._finds = _FINDS.setdefault(manifest, {})
        self._label_domain: Domain = "sketch" if "sketch" in domains else "face"
        self._defaults = torch.tensor(conditions.vector())
        self._places = conditions.places()
        self._labels: dict[int, Tensor] = {}
        """The vectors of entries, by their number in the label domain; only the parts of labels count."""

    def masks_of(self, domain: Domain) -> int:
        """The number of masks that a domain's images carry."""
        return len(self._conditions.colours) if domain == "face" else 0

    def find(self, domain: Domain, number: int, entry: Entry, image: Image.Image) -> list[Image.Image]:
        """Find out what an entry and its image say about the conditions, and return the image's masks.

        `number` is that of the entry in its domain. The masks are `L` images of the image's size.
        """
        if domain == self._label_domain and number not in self._labels:
            labels = self._conditions.of_attributes(entry.attributes)
            self._labels[number] = torch.tensor(self._conditions.vector(labels))
        if not self.masks_of(domain):
            return []
        regions = [colour.region for colour in self._conditions.colours.values()]
        outlined = not {"hair", "backdrop"}.isdisjoint(regions)
        if (entry.name, outlined) not in self._finds:
            found = eyes_of(image, entry.alignment.get("face")), _outline(image) if outlined else None
            self._finds[entry.name, outlined] = found
        eyes, outline = self._finds[entry.name, outlined]
        person = None if outline is None else np.float32(1 / 255) * outline
        return colours.region_masks(image.size, eyes, regions, person)

    def defaults(self, rows: int) -> Tensor:
        """The vectors (rows, K) of rows about which nothing is known."""
        return self._defaults.repeat(rows, 1)

    def fill(
        self, vectors: Tensor, domain: Domain, rows: Mapping[int, int], levels: Tensor, masks: Tensor
    ) -> None:
        """Write what is known about some rows into the vectors (all rows, K).

        `rows` maps a row's place to the number of its entry; their augmented images and masks are uint8
        (rows, channels, height, width).
        """
        places = list(rows)
        if domain == self._label_domain:
            labels = torch.stack([self._labels[number] for number in rows.values()]).to(vectors.device)
            for name in self._conditions.labels:
                vectors[places, self._places[name]] = labels[:, self._places[name]]
        if self.masks_of(domain):
            colour_levels, mask_levels = (images.cpu().numpy() for images in (levels, masks))
            measured = (
                torch.from_numpy(colours.measure(colour_levels, mask_levels)).to(vectors.device).unbind(1)
            )
            for name, colour in zip(self._conditions.colours, measured, strict=True):
                default = vectors[places, self._places[name]]
                vectors[places, self._places[name]] = torch.where(colour.isnan(), default, colour)


def _outline(photo: Image.Image) -> Levels:
    """The person in a photo, squashed to a small square: 0 to 255."""
    share = Image.fromarray(person_mask(photo)).resize((_OUTLINE_SIDE, _OUTLINE_SIDE), Image.Resampling.BOX)
    return np.round(255 * np.asarray(share)).astype(np.uint8)
