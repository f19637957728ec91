"""Videos written with PyAV: frames are encoded, sound is copied."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from s2f_cli.core import video, video_frames, video_xmp, xmp
from s2f_cli.core.errors import ImageError, reason_of
from s2f_cli.core.files import atomic_file


@contextmanager
def writing(
    target: Path, like: video.Video, properties: Mapping[str, str] | None = None
) -> Iterator[Callable[[Image.Image], None]]:
    """Yield a function that appends frames to a new video with the rate and sound of `like`.

    `properties` of XMP say what the video is (`core.xmp`).

    All frames have one size; an odd last row or column is cut off, because most encoders need even sizes.
    The video appears at `target` when the block ends without an error.

    Raises ImageError if the format of `target` cannot hold the video or its sound, MissingPart without PyAV.
    """
    with atomic_file(target) as temporary, video.opened(like.path) as (source, stream):
        packet = xmp.packet(properties or {})
        writer = _Writer(temporary, target, like.rate, source, stream, packet)
        try:
            yield writer.put
            writer.finish()
        finally:
            writer.close()
        video_xmp.append_box(temporary, target, packet)


class _Writer:
    """Encodes frames, and interleaves the copied packets of the sound."""

    def __init__(
        self, file: Path, target: Path, rate: Fraction, source: Any, stream: Any, packet: bytes
    ) -> None:
        self._target, self._rate, self._count = target, rate, 0
        self._output: Any = None
        self._start = (stream.start_time or 0) * video.fraction(stream.time_base)
        tracks = source.streams.audio
        with self._errors():
            self._output = video.pyav().open(video.url(file), "w")
            video_xmp.put_tag(self._output, target, packet)
            self._video = self._output.add_stream(self._output.default_video_codec, rate=rate)
            self._tracks = {track.index: self._output.add_stream_from_template(track) for track in tracks}
        self._video.pix_fmt = "yuv420p"
        self._packets = video.packets(source, tracks) if tracks else iter(())
        self._packet = next(self._packets, None)

    def put(self, image: Image.Image) -> None:
        """Append a frame, and the sound up to its end."""
        width, height = (max(side // 2, 1) * 2 for side in image.size)
        if not self._count:
            self._video.width, self._video.height = width, height
            video_frames.label(self._video.codec_context, height)
        frame = video_frames.encodable(image.convert("RGB").crop((0, 0, width, height)), self._video.pix_fmt)
        frame.pts, frame.time_base = self._count, 1 / self._rate
        self._count += 1
        with self._errors():
            self._output.mux(self._video.encode(frame))
            self._copy_sound(until=self._count / self._rate)

    def finish(self) -> None:
        """Write the frames that the encoder still holds and the rest of the sound, and close the file."""
        with self._errors():
            self._output.mux(self._video.encode(None))
            self._copy_sound()
            self._output.close()

    def close(self) -> None:
        """Close the file, complete or not."""
        with suppress(video.pyav().FFmpegError, ValueError):
            if self._output is not None:
                self._output.close()

    def _copy_sound(self, until: Fraction | None = None) -> None:
        while (packet := self._packet) is not None:
            base = video.fraction(packet.time_base)
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
        except (video.pyav().FFmpegError, ValueError) as problem:
            self.close()
            if isinstance(problem, OSError):
                raise
            raise ImageError(
                f"cannot write {self._target}: {reason_of(problem)}", "try another suffix, such as .mkv"
            ) from None
