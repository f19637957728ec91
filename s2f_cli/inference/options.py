"""Options of a translation, shared by `s2f translate`, the HTTP API and the Python API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PIL import Image

from s2f_cli.core.errors import S2FError
from s2f_cli.faces.align import FaceChoice
from s2f_cli.inference.backgrounds import Background
from s2f_cli.models.recipes.conditions import ALL

AUTO, NONE = "auto", "none"
"""Values of `align` besides the presets: as the model's card says, and not at all."""

NamedSize = Literal["native", "full", "model"]
Size = NamedSize | int
"""Size of a result, and of what the network sees: see `Translator.translate`."""

InferencePrecision = Literal["fp32", "bf16", "auto"]
"""Numeric precision of the networks; results in `bf16` differ by a grey level or two. `auto` is bf16 where
the device computes in it natively."""

PasteBack = Literal["translated", "photo", "none"]
"""Where translated faces are pasted: onto the translated photo, onto the photo, or nowhere."""


@dataclass(frozen=True)
class TranslateOptions:
    """How images are translated; raises S2FError if options contradict each other."""

    size: Size = "native"
    """Size of the result, and of what the network sees: see `Translator.translate`."""
    align: str = AUTO
    """How faces are found and aligned: `auto` (as the model's card says, where an image shows an unaligned
    face), `none`, or a preset of `s2f_cli.faces.geometry`, which requires a face in each image."""
    faces: FaceChoice | None = None
    """Which of several faces: `largest`, `best` (the most certain) or `all`; None is `all`, or `largest` if
    faces are not pasted back."""
    paste_back: PasteBack | None = None
    """Where translated faces are pasted; None is `translated`, or `none` if the size is `model` or the model
    sees squares of one size only."""
    samples: int = 1
    """Samples per input, for stochastic models; at least 1."""
    seed: int = 0
    """Seed of the first sample; it counts up from one sample to the next."""
    mean: bool = False
    """Whether a stochastic model returns the mean instead of a sample."""
    conditions: Mapping[str, str] = field(default_factory=dict)
    """What the model is given, by name: a label, a colour, or `all` for a result of each label. The rest has
    the defaults."""
    like: str | Path | Image.Image | None = None
    """A photo whose colours the model is given, except those among `conditions`."""

    background: Background = "keep"
    """What surrounds the person in a sketch: the scene, white paper, or nothing."""

    def __post_init__(self) -> None:
        if self.pastes and self.size == "model":
            raise S2FError(
                "faces cannot be pasted back at the size 'model'",
                "choose another size, or do not paste back",
            )
        if self.pastes and self.align == NONE:
            raise S2FError(
                "faces cannot be pasted back, because faces are not aligned",
                "choose an alignment, or do not paste back",
            )
        if self.mean and self.samples > 1:
            raise S2FError(
                "the mean is the same for all samples", "choose either the mean or several samples"
            )

    @property
    def pastes(self) -> bool:
        """Whether pasting back was chosen, not left to the default."""
        return self.paste_back not in (None, "none")

    @property
    def all_labels(self) -> bool:
        """Whether an input has a result for each label of a condition."""
        return ALL in self.conditions.values()

    @property
    def gives_several_images(self) -> bool:
        """Whether an input may have more than one result."""
        return self.samples > 1 or self.all_labels or (self.faces == "all" and self.paste_back == "none")
