"""Videos as streams of frames, read with PyAV (extra `video`)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

from PIL import Image

from s2f_cli.core import video_filters, video_frames
from s2f_cli.core.errors import ImageError, reason_of
from s2f_cli.core.requirements import require

SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf"}
    | {".ogv", ".ts", ".vob", ".webm", ".wmv"}
)
_COMMON = frozenset({".m4v", ".mkv", ".mov", ".mp4", ".webm"})
_FALLBACK = ".mkv"
"""Matroska, which holds sound in any codec."""
_RATE = Fraction(25)
"""Frames per second if the file does not state a rate."""
_PLAY_IT = "play it, or convert it to .mp4 first"


@dataclass(frozen=True)
class Video:
    """A video file; width and height are upright, in pixels."""

    path: Path
    width: int
    height: int
    rate: Fraction
    """Frames per second."""
    seconds: float | None
    """The duration; None if the file does not state it."""

    @property
    def frames(self) -> int | None:
        """The approximate number of frames; None if the duration is unknown."""
        return None if self.seconds is None else max(round(self.seconds * self.rate), 1)


def suffix_for(source: Path) -> str:
    """The suffix for the translation of a video: its own if that is a common format, else `.mkv`."""
    return source.suffix.lower() if source.suffix.lower() in _COMMON else _FALLBACK


def probe(path: Path) -> Video:
    """Read the size, frame rate and duration of a video.

    Raises ImageError if it is missing or not a video, MissingPart without PyAV.
    """
    if not path.is_file():
        raise ImageError(f"there is no file {path}", "check the path")
    with opened(path) as (container, stream):
        first = next(_decoded(container, stream), None)
        if first is None:
            raise ImageError(f"{path} has no frames", _PLAY_IT)
        width, height = video_frames.upright(first, _aspect(stream)).size
        rate = fraction(stream.guessed_rate) or fraction(stream.average_rate) or _RATE
        seconds = container.duration / 1e6 if container.duration else None
    return Video(path, width, height, rate, seconds)


def frames(video: Video, *, denoised: bool = False) -> Iterator[Image.Image]:
    """Yield the frames as upright `RGB` images of square pixels, repeated or dropped to an even `video.rate`.

    Frames after damage are left out. `denoised` averages what does not move over the frames around.

    Raises ImageError if there are none.
    """
    with opened(video.path) as (container, stream):
        empty = True
        decoded = _decoded(container, stream)
        if denoised:
            decoded = video_filters.without_noise(decoded, stream)
        for frame in _at_even_rate(decoded, fraction(stream.time_base), video.rate):
            empty = False
            yield video_frames.upright(frame, _aspect(stream))
    if empty:
        raise ImageError(f"{video.path} has no frames", _PLAY_IT)


@contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """An open container and its first video stream."""
    try:
        container = pyav().open(url(path))
    except (pyav().FFmpegError, ValueError) as problem:
        raise ImageError(f"{path} cannot be read as a video: {reason_of(problem)}", _PLAY_IT) from None
    with container:
        if not container.streams.video:
            raise ImageError(f"{path} has no video stream", _PLAY_IT)
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield container, stream


def packets(container: Any, streams: Sequence[Any]) -> Iterator[Any]:
    """Yield the packets of some streams, up to the end or to damage in the container."""
    with suppress(pyav().FFmpegError):
        for packet in container.demux(streams):
            if packet.size:  # an empty packet marks the end
                yield packet


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Yield the decoded frames; damaged packets are left out."""
    for packet in chain(packets(container, [stream]), [None]):
        with suppress(pyav().FFmpegError):
            yield from stream.decode(packet)


def _at_even_rate(frames: Iterable[Any], time_base: Fraction, rate: Fraction) -> Iterator[Any]:
    """Repeat or drop frames so that each lasts 1 / `rate` seconds; `time_base` is their unit of time."""
    first, count, last = None, 0, None
    for frame in frames:
        if first is None:
            first = frame.pts
        timed = first is not None and frame.pts is not None
        position = round((frame.pts - first) * time_base * rate) if timed else count + 1
        while last is not None and count < position:
            yield last
            count += 1
        last = frame
    if last is not None:
        yield last


def _aspect(stream: Any) -> Fraction:
    """The width of a pixel by its height; 1 if the file does not say it, or says nonsense."""
    aspect = fraction(stream.sample_aspect_ratio)
    return aspect if Fraction(1, 10) <= aspect <= 10 else Fraction(1)


def fraction(rational: Any) -> Fraction:
    """Convert a rational number of PyAV to a Fraction; 0 for None."""
    return Fraction(rational.numerator, rational.denominator) if rational else Fraction(0)


def pyav() -> Any:
    """The package `av`; raises MissingPart without it."""
    return require("av", "video")


def url(path: Path) -> str:
    """A URL for FFmpeg, which would take a path such as `http:x.mp4` for an address."""
    return f"file:{path}"
