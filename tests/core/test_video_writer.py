"""Writing videos: rate, sides, sound, and errors that leave the old file."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from clips import levels, make
from s2f_cli.core.errors import ImageError
from s2f_cli.core.video import frames, probe
from s2f_cli.core.video_writer import writing

av = pytest.importorskip("av")


def audio_packets(path: Path) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.audio)
        return [(float(p.pts * p.time_base), bytes(p)) for p in packets if p.size]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make(tmp_path / "clip.mp4", [n / 24 for n in range(12)])


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
