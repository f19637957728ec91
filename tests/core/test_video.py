"""Reading and writing videos, which the tests create with PyAV."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import video
from s2f_cli.core.errors import ImageError
from s2f_cli.core.video import Video, frames, probe, writing

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
    upright = video._upright

    def counted(frame: object) -> Image.Image:
        nonlocal decoded
        decoded += 1
        return upright(frame)

    monkeypatch.setattr(video, "_upright", counted)
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
