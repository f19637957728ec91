"""Reading and writing videos, which the tests create with PyAV."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import cicp, video, video_frames
from s2f_cli.core.errors import ImageError
from s2f_cli.core.video import Video, frames, probe
from s2f_cli.core.video_writer import writing

av = pytest.importorskip("av")

LEVELS = range(20, 260, 20)
"""The gray levels of the frames of a clip."""


def make(path: Path, times: Sequence[float], size: tuple[int, int] = (48, 36)) -> Path:
    """A video with a bright top left corner; frame n is shown at `times[n]` seconds."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("h264", rate=24)
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        stream.options = {"crf": "5"}
        stream.codec_context.time_base = Fraction(1, 1000)
        for level, time in zip(LEVELS, times, strict=False):
            image = Image.new("RGB", size, (level,) * 3)
            image.paste((255, 255, 255), (0, 0, 16, 12))
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = round(1000 * time), Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def levels(images: Sequence[Image.Image]) -> list[int]:
    """The index in LEVELS of the gray level in the middle of each frame."""
    middles = [image.getpixel((image.width // 2, image.height // 2))[0] for image in images]
    return [min(range(len(LEVELS)), key=lambda n: abs(LEVELS[n] - middle)) for middle in middles]


def audio_packets(path: Path) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.audio)
        return [(float(p.pts * p.time_base), bytes(p)) for p in packets if p.size]


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


def test_a_new_video_has_the_rate_of_the_old_one_and_even_sides(clip: Path, tmp_path: Path) -> None:
    like = probe(clip)
    with writing(tmp_path / "new.mkv", like) as put:
        for image in frames(like):
            put(image.resize((31, 27)))
        assert not (tmp_path / "new.mkv").exists()
    info = probe(tmp_path / "new.mkv")
    assert (info.width, info.height, info.rate) == (30, 26, like.rate)
    assert levels(list(frames(info))) == list(range(12))


@pytest.mark.parametrize("start", [0.0, 0.25])
def test_sound_is_copied_and_stays_in_time(clip: Path, tmp_path: Path, start: float) -> None:
    """`start` is when the sound begins, after the first frame."""
    both = tmp_path / "both.mkv"
    with av.open(str(clip)) as source, av.open(str(both), "w") as output:
        track = output.add_stream_from_template(source.streams.video[0])
        sound = output.add_stream("aac", rate=44100)
        for packet in source.demux(source.streams.video):
            if packet.size:
                packet.stream = track
                output.mux(packet)
        wave = np.sin(np.arange(22050) / 16).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 44100, round(44100 * start), Fraction(1, 44100)
        output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    like = probe(both)
    with writing(tmp_path / "new.mkv", like) as put:
        for image in frames(like):
            put(image)
    old, new = audio_packets(both), audio_packets(tmp_path / "new.mkv")
    assert [data for _, data in new] == [data for _, data in old]
    assert [time for time, _ in new] == pytest.approx([time for time, _ in old], abs=0.03)


def test_a_format_that_cannot_hold_the_video_is_an_error(clip: Path, tmp_path: Path) -> None:
    like = probe(clip)
    with (
        pytest.raises(ImageError, match=r"cannot write .*new\.wav") as raised,
        writing(tmp_path / "new.wav", like) as put,
    ):
        put(next(frames(like)))
    assert ".mkv" in raised.value.hint
    assert list(tmp_path.iterdir()) == [clip]


def test_an_error_while_writing_leaves_the_old_file(clip: Path, tmp_path: Path) -> None:
    like, target = probe(clip), tmp_path / "new.mp4"
    target.write_bytes(b"old")
    with pytest.raises(ValueError, match="translator"), writing(target, like) as put:
        put(next(frames(like)))
        raise ValueError("translator")
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "new.mp4"]


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


WEIGHTS = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
"""Weights of red and blue in the luma of each matrix, by its number in ITU-T H.273."""
COLOUR = (192, 128, 96)


def yuv(colour: Sequence[int], matrix: int, full: bool) -> list[int]:
    red, green, blue = (level / 255 for level in colour)
    of_red, of_blue = WEIGHTS[matrix]
    luma = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    chroma = (blue - luma) / (2 - 2 * of_blue), (red - luma) / (2 - 2 * of_red)
    scale, foot, chroma_scale = (255, 0, 255) if full else (219, 16, 224)
    return [round(foot + scale * luma), *(round(128 + chroma_scale * part) for part in chroma)]


def rgb(levels: Sequence[int], matrix: int) -> list[int]:
    """The colour of levels of limited range."""
    of_red, of_blue = WEIGHTS[matrix]
    luma, by_blue, by_red = (levels[0] - 16) / 219, (levels[1] - 128) / 224, (levels[2] - 128) / 224
    red, blue = luma + by_red * (2 - 2 * of_red), luma + by_blue * (2 - 2 * of_blue)
    green = (luma - of_red * red - of_blue * blue) / (1 - of_red - of_blue)
    return [round(255 * part) for part in (red, green, blue)]


def make_yuv(path: Path, levels: Sequence[int], size: tuple[int, int], **tags: object) -> Path:
    """A video of two frames with these levels, its stream labelled with `tags`."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("h264", rate=24)
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        stream.options = {"crf": "1"}
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        for number in range(2):
            frame = av.VideoFrame(*size, "yuv420p")
            for plane, level in zip(frame.planes, levels, strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            for name in ("colorspace", "color_range", "color_primaries", "color_trc"):
                if name in tags:
                    setattr(frame, name, tags[name])
            frame.pts, frame.time_base = number, Fraction(1, 24)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("matrix", "size"), [(1, (64, 48)), (6, (64, 48)), (6, (64, 720)), (9, (64, 48))])
def test_colours_are_those_of_the_matrix_and_range_that_the_file_says(
    tmp_path: Path, matrix: int, size: tuple[int, int], full: bool
) -> None:
    levels = yuv(COLOUR, matrix, full)
    clip = make_yuv(tmp_path / "a.mp4", levels, size, colorspace=matrix, color_range=2 if full else 1)
    seen = next(frames(probe(clip))).getpixel((20, 20))
    assert np.abs(np.subtract(seen, COLOUR)).max() <= 3


@pytest.mark.parametrize(("transfer", "level"), [(16, 0.58), (18, 0.75)])
def test_high_dynamic_range_is_mapped(tmp_path: Path, transfer: int, level: float) -> None:
    """Diffuse white of PQ and HLG (BT.2408) is nearly white; shown as it is, it would be gray."""
    levels = yuv([round(255 * level)] * 3, 9, full=False)
    tags = {"colorspace": 9, "color_range": 1, "color_primaries": 9, "color_trc": transfer}
    seen = next(frames(probe(make_yuv(tmp_path / "a.mp4", levels, (64, 48), **tags)))).getpixel((20, 20))
    still = cicp.to_srgb(Image.new("RGB", (1, 1), (round(255 * level),) * 3), cicp.CodePoints(9, transfer))
    assert min(seen) > 215 and np.abs(np.subtract(seen, still.getpixel((0, 0)))).max() <= 4


@pytest.mark.parametrize(("height", "matrix"), [(480, 6), (720, 1), (1080, 1)])
def test_a_video_that_says_nothing_has_the_matrix_of_its_size(
    tmp_path: Path, height: int, matrix: int
) -> None:
    clip = make_yuv(tmp_path / "a.mp4", yuv(COLOUR, matrix, full=False), (64, height))
    seen = next(frames(probe(clip))).getpixel((20, 20))
    assert np.abs(np.subtract(seen, COLOUR)).max() <= 3


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
@pytest.mark.parametrize(("height", "matrix"), [(48, 6), (720, 1)])
def test_a_new_video_says_its_matrix_and_has_the_colours_of_its_frames(
    clip: Path, tmp_path: Path, height: int, matrix: int, suffix: str
) -> None:
    target = tmp_path / f"new{suffix}"
    with writing(target, probe(clip)) as put:
        put(Image.new("RGB", (64, height), COLOUR))
    with av.open(str(target)) as container:
        frame = next(container.decode(video=0))
        assert (frame.colorspace in (5, 6)) if matrix == 6 else (frame.colorspace == 1)
        assert frame.color_range == 1
        levels = [bytes(plane)[20 * plane.line_size + 20] for plane in frame.planes]
    assert np.abs(np.subtract(rgb(levels, matrix), COLOUR)).max() <= 4
    assert np.abs(np.subtract(next(frames(probe(target))).getpixel((20, 20)), COLOUR)).max() <= 4


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
