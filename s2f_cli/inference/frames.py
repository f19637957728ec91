"""The frames of a video through the pipeline.

A portrait flickers if each frame is translated on its own: a face is found and lost, cropped a pixel further,
and seen at another size. Here faces are followed, and sizes are held until the next cut.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from PIL import Image

from s2f_cli.core.prefetch import Failure, ItemOutcome, map_ahead
from s2f_cli.core.video_cuts import CutDetector
from s2f_cli.faces import align
from s2f_cli.faces.align import AlignSettings
from s2f_cli.faces.geometry import Face
from s2f_cli.faces.tracking import FaceTracker, TrackedFace
from s2f_cli.inference.face_crops import FaceCrops, is_aligned
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translation import Translation

_STEP = 1.15
"""The factor by which a size must change before a new one is taken."""


def translate_frames(
    pipeline: Pipeline, frames: Iterable[Image.Image], rate: float, *, tracked: bool = True
) -> Iterator[ItemOutcome[FaceCrops, Translation]] | Iterator[ItemOutcome[Image.Image, Translation]]:
    """Translate upright `RGB` frames of one size, `rate` per second; yield the outcome of each, in order.

    Every result is one image of one size: `Pipeline.for_frames`. If not `tracked`, each frame is translated
    like a photo.
    """
    pipeline = pipeline.for_frames()
    if pipeline.alignment is None or not tracked:
        return pipeline.run(frames)
    return pipeline.run(_followed(pipeline, pipeline.alignment, frames, rate))


@dataclass
class _Held:
    """A size that changes only by steps."""

    value: float = 0.0

    def update(self, value: float) -> float:
        if not self.value / _STEP < value < self.value * _STEP:
            self.value = value
        return self.value


@dataclass
class _Shot:
    """What is held from a cut to the next."""

    widths: dict[int, _Held] = field(default_factory=dict)
    """The width of the crop of each face, in pixels."""
    scale: _Held = field(default_factory=_Held)
    """The scale at which the whole frame is translated."""
    is_aligned: bool | None = None
    """Whether the frames are aligned faces; None before the first face."""


def _followed(
    pipeline: Pipeline, settings: AlignSettings, frames: Iterable[Image.Image], rate: float
) -> Iterator[FaceCrops]:
    tracker, cuts, shot = FaceTracker(rate, settings.faces), CutDetector(), _Shot()
    for outcome in map_ahead(frames, partial(align.find, aligner=settings.aligner)):
        if isinstance(outcome, Failure):
            raise outcome.error
        if cuts.is_cut(outcome.item):
            tracker.reset()
            shot = _Shot()
        yield _crops(pipeline, settings, outcome.item, tracker.update(outcome.value, outcome.item), shot)


def _crops(
    pipeline: Pipeline, settings: AlignSettings, frame: Image.Image, faces: list[TrackedFace], shot: _Shot
) -> FaceCrops:
    if not faces:
        return FaceCrops(frame, no_face=True)
    crops = []
    for tracked in faces:
        width = shot.widths.setdefault(tracked.number, _Held()).update(_width(tracked.face, settings))
        crops.append(align.crop(frame, tracked.face, settings, round(width)))
    if shot.is_aligned is None:
        shot.is_aligned = len(crops) == 1 and is_aligned(frame, crops[0])
    if shot.is_aligned:
        return FaceCrops(frame)
    return FaceCrops(frame, crops, scale=shot.scale.update(pipeline.trained_scale(crops[0])))


def _width(face: Face, settings: AlignSettings) -> float:
    return align.transform(face, settings).width
