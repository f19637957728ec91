"""Reading videos, which the tests create with PyAV."""

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from clips import levels, make, make_yuv
from s2f_cli.core import video, video_frames
from s2f_cli.core.errors import ImageError
from s2f_cli.core.video import Video, frames, probe

av = pytest.importorskip("av")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make(tmp_path / "clip.mp4", [n / 24 for n in range(12)])


def test_a_video_is_probed_and_its_frames_are_read(clip: Path) -> None:
    info = probe(clip)
    assert (info.path, info.width, info.height, info.rate) == (clip, 48, 36, 24)
    assert info.frames == 12
    images = list(frames(info))
    assert {(image.size, image.mode) for image in images} == {((48, 36), "RGB")}
    assert levels(images) == list(range(12))


def test_frames_are_decoded_one_by_one(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = 0
    upright = video_frames.upright

    def counted(frame: object, aspect: Fraction) -> Image.Image:
        nonlocal decoded
        decoded += 1
        return upright(frame, aspect)

    monkeypatch.setattr(video_frames, "upright", counted)
    stream = frames(Video(clip, 48, 36, Fraction(24), 0.5))
    next(stream)
    assert decoded == 1
    stream.close()


@pytest.mark.parametrize(("turn", "corner"), [(90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_frames_are_upright(clip: Path, turn: int, corner: tuple[int, int]) -> None:
    """The display matrix, as a phone writes it into a file's track header; `turn` is clockwise."""
    data = clip.read_bytes()
    matrix = data.index(b"tkhd") + 4 + 40
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[turn]
    numbers = (cos << 16, sin << 16, 0, -sin << 16, cos << 16, 0, 0, 0, 1 << 30)
    encoded = b"".join(number.to_bytes(4, "big", signed=True) for number in numbers)
    clip.write_bytes(data[:matrix] + encoded + data[matrix + 36 :])
    info = probe(clip)
    assert (info.width, info.height) == ((48, 36) if turn == 180 else (36, 48))
    first = next(frames(info))
    assert first.size == (info.width, info.height)
    position = tuple(5 if not far else side - 6 for far, side in zip(corner, first.size, strict=True))
    assert first.getpixel(position)[0] > 200


def test_frames_have_an_even_rate(tmp_path: Path) -> None:
    """A frame that is shown for longer is repeated; of several frames in one interval, the last is used."""
    clip = make(tmp_path / "uneven.mkv", [0, 0.1, 0.3, 0.4, 0.42, 0.5])
    assert levels(list(frames(Video(clip, 48, 36, Fraction(10), None)))) == [0, 1, 1, 2, 4, 5]


@pytest.mark.parametrize("content", [b"", b"no video"])
def test_a_file_that_is_not_a_video_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(ImageError, match=r"a\.mp4 cannot be read as a video"):
        probe(tmp_path / "a.mp4")
    with pytest.raises(ImageError, match="there is no file"):
        probe(tmp_path / "b.mp4")


def test_a_truncated_video_gives_the_frames_before_the_end(tmp_path: Path) -> None:
    clip = make(tmp_path / "clip.mkv", [n / 24 for n in range(12)])
    info = probe(clip)
    with av.open(str(clip)) as container:
        ends = [packet.pos for packet in container.demux(container.streams.video) if packet.size]
    clip.write_bytes(clip.read_bytes()[: ends[6] + 5])
    assert 0 < len(list(frames(info))) < 12


def test_a_file_name_may_look_like_an_address(clip: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = clip.rename(tmp_path / "http:x.mp4").relative_to(tmp_path)
    assert probe(odd).frames == 12


def test_common_suffixes_are_kept_and_others_become_mkv() -> None:
    assert video.suffix_for(Path("a.MOV")) == ".mov"
    assert video.suffix_for(Path("a.avi")) == ".mkv"


@pytest.mark.parametrize(
    ("aspect", "size"), [((4, 3), (64, 48)), ((1, 2), (48, 96)), ((1, 1), (48, 48)), ((1, 90), (48, 48))]
)
def test_pixels_that_are_not_square_are_stretched(
    tmp_path: Path, aspect: tuple[int, int], size: tuple[int, int]
) -> None:
    clip = make_yuv(tmp_path / "a.mp4", (90, 128, 128), (48, 48), sample_aspect_ratio=Fraction(*aspect))
    seen = probe(clip)
    assert (seen.width, seen.height) == size == next(frames(seen)).size


@pytest.mark.parametrize(
    ("matrix", "corner"),
    [((-1, 0, 0, 1), (1, 0)), ((1, 0, 0, -1), (0, 1)), ((0, 1, 1, 0), (0, 0)), ((0, -1, -1, 0), (1, 1))],
)
def test_mirrored_frames_are_mirrored_back(
    clip: Path, matrix: tuple[int, int, int, int], corner: tuple[int, int]
) -> None:
    """The display matrix of front cameras: a mirror image, or one that is turned as well."""
    data = clip.read_bytes()
    place = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (part << 16 for part in matrix)
    encoded = b"".join(n.to_bytes(4, "big", signed=True) for n in (a, b, 0, c, d, 0, 0, 0, 1 << 30))
    clip.write_bytes(data[:place] + encoded + data[place + 36 :])
    first = next(frames(probe(clip)))
    assert first.size == ((48, 36) if matrix[0] else (36, 48))
    bright = tuple(5 if not far else side - 6 for far, side in zip(corner, first.size, strict=True))
    assert first.getpixel(bright)[0] > 200
    assert first.getpixel(tuple(side - 1 - at for side, at in zip(first.size, bright, strict=True)))[0] < 100
