"""XMP in videos, which the tests create with PyAV."""

import struct
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core import marks, video, video_xmp, xmp
from s2f_cli.core.video_writer import writing

av = pytest.importorskip("av")


def make(path: Path) -> Path:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("h264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 48, 36, "yuv420p"
        frame = av.VideoFrame.from_image(Image.new("RGB", (48, 36)))
        frame.pts, frame.time_base = 0, Fraction(1, 24)
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", sorted(video._COMMON))
def test_every_format_that_is_written_holds_a_mark(tmp_path: Path, suffix: str) -> None:
    like = video.probe(make(tmp_path / "clip.mp4"))
    mark = marks.Mark(marks.TRAINED, "face-to-sketch", "1 <2>")
    target = tmp_path / f"new{suffix}"
    with writing(target, like, mark.properties) as put:
        put(Image.new("RGB", (48, 36)))
    assert marks.mark_in(xmp.of_file(target)) == mark
    assert len(list(video.frames(video.probe(target)))) == 1


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_video_without_xmp_has_no_properties(tmp_path: Path, suffix: str) -> None:
    assert xmp.of_file(make(tmp_path / f"clip{suffix}")) == {}


def test_a_long_box_is_skipped(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(struct.pack(">I4sQ", 1, b"mdat", 20) + b"data")
    video_xmp.append_box(file, file, b"<xmp/>")
    assert video_xmp.read(file) == b"<xmp/>"


@pytest.mark.parametrize("content", [b"", b"\0\0\0\1mdat", b"\0\0\0\0mdat", b"\0\0\0\7uuid" + bytes(20)])
def test_broken_boxes_hold_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(content)
    assert video_xmp.read(tmp_path / "clip.mp4") == b""
