"""Videos as frames, through the program ffmpeg (https://ffmpeg.org)."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image

from s2f_cli.core.errors import ImageError, MissingPart
from s2f_cli.core.files import atomic_file

SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf"}
    | {".ogv", ".ts", ".vob", ".webm", ".wmv"}
)
_KEPT = frozenset({".m4v", ".mkv", ".mov", ".mp4", ".webm"})
_OTHER = ".mkv"
"""It takes sound of any kind as it is."""


@dataclass(frozen=True)
class Video:
    """A video file; width and height are upright, in pixels."""

    path: Path
    width: int
    height: int
    rate: Fraction
    """Frames a second."""
    seconds: float | None
    """How long it lasts, where it says so."""

    @property
    def frames(self) -> int | None:
        """About how many frames it has."""
        return None if self.seconds is None else max(round(self.seconds * self.rate), 1)


def suffix_for(source: Path) -> str:
    """How the name of a result ends."""
    return source.suffix.lower() if source.suffix.lower() in _KEPT else _OTHER


def program() -> str:
    """The program ffmpeg; raises MissingPart when it is not installed."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise MissingPart(
            "videos need the program ffmpeg, which is not installed",
            "apt install ffmpeg, brew install ffmpeg or winget install ffmpeg; or give a folder of frames",
        )
    return found


def look(path: Path) -> Video:
    """What a video is; raises ImageError when ffmpeg cannot read it, MissingPart without ffmpeg."""
    if not path.is_file():
        raise ImageError(f"there is no file {path}", "check the path")
    command = [program(), "-nostdin", "-i", _name(path), "-map", "0:v:0", "-frames:v", "1"]
    command += ["-f", "yuv4mpegpipe", "-pix_fmt", "yuv444p", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    head = re.match(rb"YUV4MPEG2 W(\d+) H(\d+) F(\d+):(\d+)", done.stdout)
    if head is None:
        raise ImageError(f"{path} is no video that ffmpeg reads", "play it, or convert it to .mp4 first")
    width, height, frames, seconds = map(int, head.groups())
    told = re.search(r"Duration: (\d+):(\d+):([\d.]+)", done.stderr.decode(errors="replace"))
    lasts = int(told[1]) * 3600 + int(told[2]) * 60 + float(told[3]) if told else None
    return Video(path, width, height, Fraction(frames, seconds), lasts)


def frames(video: Video) -> Iterator[Image.Image]:
    """The frames, upright, at an even rate; raises ImageError when it breaks off before the first."""
    rate = f"fps={video.rate}"
    command = [program(), "-nostdin", "-v", "error", "-i", _name(video.path), "-map", "0:v:0", "-vf", rate]
    size, count = video.width * video.height * 3, 0
    with _piped([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while len(levels := process.stdout.read(size)) == size:
            count += 1
            yield Image.frombytes("RGB", (video.width, video.height), levels)
    if not count:
        raise ImageError(f"{video.path} holds no frame", "play it, or convert it to .mp4 first")


@contextmanager
def writing(target: Path, like: Video) -> Iterator[Callable[[Image.Image], None]]:
    """A function that takes the frames of a new video, one after the other, all of one size.

    It has the rate and the sound of another; it is at `target` when the block ends well, and else not. An odd
    last row or column is left out, which most encoders ask for. Raises ImageError when ffmpeg cannot write
    it.
    """
    process: subprocess.Popen[bytes] | None = None
    with atomic_file(target) as temporary, tempfile.TemporaryFile() as told:

        def put(frame: Image.Image) -> None:
            nonlocal process
            frame = frame.convert("RGB").crop(
                (0, 0, max(frame.width // 2, 1) * 2, max(frame.height // 2, 1) * 2)
            )
            process = process or subprocess.Popen(
                _encoding(frame.size, like, temporary), stdin=subprocess.PIPE, stdout=told, stderr=told
            )
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # its exit code tells
                process.stdin.write(frame.tobytes())

        try:
            yield put
        except BaseException:
            if process is not None:
                process.kill()
                process.communicate()
            raise
        if process is not None:
            process.communicate()
            if process.returncode:
                told.seek(0)
                reason = told.read().decode(errors="replace").strip().splitlines()[-1:]
                raise ImageError(
                    f"ffmpeg cannot write {target} ({' '.join(reason)})", "try another suffix, such as .mkv"
                )


def _encoding(size: tuple[int, int], like: Video, target: Path) -> list[str]:
    raw = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{size[0]}x{size[1]}",
        "-r",
        str(like.rate),
        "-i",
        "-",
    ]
    streams = ["-map", "0:v:0", "-map", "1:a?", "-c:a", "copy", "-pix_fmt", "yuv420p"]
    return [program(), "-y", "-v", "error", *raw, "-i", _name(like.path), *streams, _name(target)]


@contextmanager
def _piped(command: list[str], stdout: int) -> Iterator[subprocess.Popen[bytes]]:
    """A running program; it is ended with the block."""
    process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _name(path: Path) -> str:
    """A path that ffmpeg takes for a file, whatever it looks like."""
    return f"file:{path}"
