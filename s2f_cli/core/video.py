"""Videos as streams of frames, read and written with PyAV (extra `video`)."""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

from PIL import Image

from s2f_cli.core import cicp
from s2f_cli.core.errors import ImageError
from s2f_cli.core.files import atomic_file
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
_HD = 720
"""Rows from which a video is in high definition."""
_BT709, _BT601 = 1, 6
_LIMITED, _FULL = 1, 2
_SCALERS = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""Matrices as ITU-T H.273 numbers them → as libswscale does."""
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
    with _opened(path) as (container, stream):
        first = next(_decoded(container, stream), None)
        if first is None:
            raise ImageError(f"{path} has no frames", _PLAY_IT)
        width, height = _upright(first, _aspect(stream)).size
        rate = _fraction(stream.guessed_rate) or _fraction(stream.average_rate) or _RATE
        seconds = container.duration / 1e6 if container.duration else None
    return Video(path, width, height, rate, seconds)


def frames(video: Video) -> Iterator[Image.Image]:
    """Yield the frames as upright `RGB` images of square pixels, repeated or dropped to an even `video.rate`.

    Frames after damage are left out.

    Raises ImageError if there are none.
    """
    with _opened(video.path) as (container, stream):
        empty = True
        for frame in _at_even_rate(_decoded(container, stream), _fraction(stream.time_base), video.rate):
            empty = False
            yield _upright(frame, _aspect(stream))
    if empty:
        raise ImageError(f"{video.path} has no frames", _PLAY_IT)


@contextmanager
def writing(target: Path, like: Video) -> Iterator[Callable[[Image.Image], None]]:
    """Yield a function that appends frames to a new video with the rate and sound of `like`.

    All frames have one size; an odd last row or column is cut off, because most encoders need even sizes.
    The video appears at `target` when the block ends without an error.

    Raises ImageError if the format of `target` cannot hold the video or its sound, MissingPart without PyAV.
    """
    with atomic_file(target) as temporary, _opened(like.path) as (source, stream):
        writer = _Writer(temporary, target, like.rate, source, stream)
        try:
            yield writer.put
            writer.finish()
        finally:
            writer.close()


class _Writer:
    """Encodes frames, and interleaves the copied packets of the sound."""

    def __init__(self, file: Path, target: Path, rate: Fraction, source: Any, stream: Any) -> None:
        self._target, self._rate, self._count = target, rate, 0
        self._output: Any = None
        self._start = (stream.start_time or 0) * _fraction(stream.time_base)
        tracks = source.streams.audio
        with self._errors():
            self._output = _pyav().open(_url(file), "w")
            self._video = self._output.add_stream(self._output.default_video_codec, rate=rate)
            self._tracks = {track.index: self._output.add_stream_from_template(track) for track in tracks}
        self._video.pix_fmt = "yuv420p"
        self._packets = _packets(source, tracks) if tracks else iter(())
        self._packet = next(self._packets, None)

    def put(self, image: Image.Image) -> None:
        """Append a frame, and the sound up to its end."""
        width, height = (max(side // 2, 1) * 2 for side in image.size)
        if not self._count:
            self._video.width, self._video.height = width, height
            context = self._video.codec_context
            context.colorspace, context.color_range = _usual_matrix(height), _LIMITED
            context.color_primaries = context.color_trc = _BT709
        frame = self._encodable(image.convert("RGB").crop((0, 0, width, height)))
        frame.pts, frame.time_base = self._count, 1 / self._rate
        self._count += 1
        with self._errors():
            self._output.mux(self._video.encode(frame))
            self._copy_sound(until=self._count / self._rate)

    def _encodable(self, image: Image.Image) -> Any:
        """A frame of the usual matrix and range of its size, labelled with them."""
        matrix = _usual_matrix(image.height)
        frame = _pyav().VideoFrame.from_image(image)
        frame = frame.reformat(
            format=self._video.pix_fmt,
            dst_colorspace=_SCALERS[matrix],
            src_color_range=_FULL,
            dst_color_range=_LIMITED,
        )
        frame.colorspace, frame.color_range = matrix, _LIMITED
        frame.color_primaries = frame.color_trc = _BT709
        return frame

    def finish(self) -> None:
        """Write the frames that the encoder still holds and the rest of the sound, and close the file."""
        with self._errors():
            self._output.mux(self._video.encode(None))
            self._copy_sound()
            self._output.close()

    def close(self) -> None:
        """Close the file, complete or not."""
        with suppress(_pyav().FFmpegError, ValueError):
            if self._output is not None:
                self._output.close()

    def _copy_sound(self, until: Fraction | None = None) -> None:
        while (packet := self._packet) is not None:
            base = _fraction(packet.time_base)
            time = packet.pts if packet.dts is None else packet.dts
            if until is not None and time is not None and time * base - self._start > until:
                return
            shift = round(self._start / base)
            packet.pts = None if packet.pts is None else packet.pts - shift
            packet.dts = None if packet.dts is None else packet.dts - shift
            packet.stream = self._tracks[packet.stream.index]
            self._output.mux(packet)
            self._packet = next(self._packets, None)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise ImageError if the format or its encoder refuses the data; a full disk stays an OSError."""
        try:
            yield
        except (_pyav().FFmpegError, ValueError) as problem:
            self.close()
            if isinstance(problem, OSError):
                raise
            raise ImageError(
                f"cannot write {self._target}: {_reason(problem)}", "try another suffix, such as .mkv"
            ) from None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """An open container and its first video stream."""
    try:
        container = _pyav().open(_url(path))
    except (_pyav().FFmpegError, ValueError) as problem:
        raise ImageError(f"{path} cannot be read as a video: {_reason(problem)}", _PLAY_IT) from None
    with container:
        if not container.streams.video:
            raise ImageError(f"{path} has no video stream", _PLAY_IT)
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield container, stream


def _packets(container: Any, streams: Sequence[Any]) -> Iterator[Any]:
    """Yield the packets of some streams, up to the end or to damage in the container."""
    with suppress(_pyav().FFmpegError):
        for packet in container.demux(streams):
            if packet.size:  # an empty packet marks the end
                yield packet


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Yield the decoded frames; damaged packets are left out."""
    for packet in chain(_packets(container, [stream]), [None]):
        with suppress(_pyav().FFmpegError):
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


def _upright(frame: Any, aspect: Fraction) -> Image.Image:
    """A frame as an upright image in sRGB; `aspect` is the width of a pixel by its height."""
    matrix = frame.colorspace if frame.colorspace in _SCALERS else _usual_matrix(frame.height)
    full = frame.color_range == _FULL or frame.format.name.startswith("yuvj")
    image: Image.Image = frame.to_image(
        src_colorspace=_SCALERS[matrix],
        src_color_range=_FULL if full else _LIMITED,
        dst_color_range=_FULL,
    )
    if aspect > 1:
        image = image.resize((round(image.width * aspect), image.height), Image.Resampling.BICUBIC)
    elif aspect < 1:
        image = image.resize((image.width, round(image.height / aspect)), Image.Resampling.BICUBIC)
    image = cicp.to_srgb(image, cicp.CodePoints(frame.color_primaries, frame.color_trc))
    turn = _turn(frame)
    return image if turn is None else image.transpose(turn)


def _usual_matrix(height: int) -> int:
    """The matrix of videos that do not say it, as players assume: BT.709 from 720 rows up, else BT.601."""
    return _BT709 if height >= _HD else _BT601


def _aspect(stream: Any) -> Fraction:
    """The width of a pixel by its height; 1 if the file does not say it, or says nonsense."""
    aspect = _fraction(stream.sample_aspect_ratio)
    return aspect if Fraction(1, 10) <= aspect <= 10 else Fraction(1)


def _turn(frame: Any) -> Image.Transpose | None:
    """How a frame becomes upright, by the display matrix that cameras write: a turn, or a mirror image."""
    data = next((bytes(d) for d in frame.side_data if d.type.name == "DISPLAYMATRIX"), None)
    if data is None:
        return None
    a, b, _, c, d, *_ = struct.unpack("=9i", data[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        straight = {
            (False, False): None,
            (True, False): Image.Transpose.FLIP_LEFT_RIGHT,
            (False, True): Image.Transpose.FLIP_TOP_BOTTOM,
            (True, True): Image.Transpose.ROTATE_180,
        }
        return straight[a < 0, d < 0]
    across = {
        (False, False): Image.Transpose.TRANSPOSE,
        (False, True): Image.Transpose.ROTATE_270,
        (True, False): Image.Transpose.ROTATE_90,
        (True, True): Image.Transpose.TRANSVERSE,
    }
    return across[b < 0, c < 0]


def _fraction(rational: Any) -> Fraction:
    """Convert a rational number of PyAV to a Fraction; 0 for None."""
    return Fraction(rational.numerator, rational.denominator) if rational else Fraction(0)


def _reason(problem: Exception) -> str:
    return str(getattr(problem, "strerror", None) or problem)


def _pyav() -> Any:
    return require("av", "video")


def _url(path: Path) -> str:
    """A URL for FFmpeg, which would take a path such as `http:x.mp4` for an address."""
    return f"file:{path}"
