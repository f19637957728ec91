"""`s2f translate` of a video."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import marks, requirements, video, xmp


@pytest.fixture
def clip(here: Path) -> Path:
    """Half a second of video: twelve frames with sound."""
    av = pytest.importorskip("av")
    with av.open("clip one.mp4", "w") as output:
        stream, sound = output.add_stream("h264", rate=24), output.add_stream("aac", rate=44100)
        stream.width, stream.height, stream.pix_fmt = 48, 36, "yuv420p"
        for number in range(12):
            levels = np.zeros((36, 48, 3), np.uint8)
            levels[:, 4 * number : 4 * number + 12] = 240, 90, 60
            frame = av.VideoFrame.from_ndarray(levels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            output.mux(stream.encode(frame))
        wave = np.sin(np.arange(22050) / 16).astype(np.float32)[None]
        tone = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        tone.sample_rate, tone.pts, tone.time_base = 44100, 0, Fraction(1, 44100)
        for track, last in ((stream, None), (sound, tone), (sound, None)):
            output.mux(track.encode(last))
    return here / "clip one.mp4"


def sounds(path: Path) -> list[str]:
    import av

    with av.open(str(path)) as container:
        return [stream.codec_context.name for stream in container.streams.audio]


def test_rate_length_and_sound_are_kept(translate, clip: Path) -> None:
    result = translate("--to", "sketch", clip, "--json")
    assert result.code == 0, result.err
    target = clip.with_name("clip one.sketch.mp4")
    record = json.loads(result.lines[0])
    assert record["outputs"] == [str(target)] and record["frames"] == 12
    source, translated = video.probe(clip), video.probe(target)
    assert (translated.width, translated.height, translated.rate) == (
        source.width,
        source.height,
        source.rate,
    )
    assert sounds(target) == sounds(clip) == ["aac"]
    frames = [np.asarray(frame, int) for frame in video.frames(translated)]
    assert len(frames) == 12
    assert np.ptp(frames[3], axis=2).mean() < 8  # sketches are gray


def test_a_frame_is_translated_like_an_image(translate, clip: Path) -> None:
    translate("--to", "sketch", clip, "--size", "36", "-o", "results/all.mkv")
    frame = list(video.frames(video.probe(clip)))[5]
    frame.save("frame.png")
    translate("--to", "sketch", "frame.png", "--size", "36", "-o", "still.png")
    with Image.open("still.png") as still:
        moving = list(video.frames(video.probe(Path("results/all.mkv"))))[5].convert("L")
        assert np.abs(np.asarray(still, int) - np.asarray(moving, int)).mean() < 12


def test_a_result_is_marked_and_made_only_once(translate, clip: Path) -> None:
    assert len(translate("--to", "sketch", clip).lines) == 1
    result = clip.with_name("clip one.sketch.mp4")
    mark = marks.mark_in(xmp.of_file(result))
    assert mark is not None and (mark.source, mark.model) == (marks.TRAINED, "tiny")
    again = translate("--to", "sketch", clip)
    assert not again.lines and "existing results skipped" in again.err
    assert translate("--to", "sketch", clip, "--no-steady").lines == [str(result)]
    assert translate("--to", "sketch", clip, "--no-mark").lines == [str(result)]
    assert marks.mark_in(xmp.of_file(result)) is None


def test_files_that_are_not_videos_are_left_out(translate, clip: Path) -> None:
    Path("notes.mp4").write_text("no video")
    result = translate("--to", "sketch", "notes.mp4", clip, "gone.mp4")
    assert result.code == 1 and result.lines == [str(clip.with_name("clip one.sketch.mp4"))]
    assert "notes.mp4 cannot be read as a video" in result.err
    assert not Path("notes.sketch.mp4").exists()


def test_a_format_that_cannot_hold_the_sound_leaves_nothing(translate, clip: Path) -> None:
    clip = clip.rename("clip.mp4")
    result = translate("--to", "sketch", clip, "-o", "result.webm")
    assert result.code == 1 and "cannot write result.webm" in result.err
    assert "try another suffix, such as .mkv" in result.err
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["clip.mp4"]


def test_without_pyav_the_extra_is_named(translate, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("clip.mp4").write_bytes(b"video")
    util, find_spec = requirements.importlib.util, requirements.importlib.util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "av" else find_spec(name))
    result = translate("--to", "sketch", "clip.mp4")
    assert result.code == 1 and "the package 'av' (extra 'video') is not installed" in result.err
    assert requirements.install_hint("av", "video") in result.err


def test_samples_and_format_of_a_video_are_wrong_usage(translate, here: Path) -> None:
    Path("clip.mp4").write_bytes(b"video")
    for words in (["--samples", "2"], ["--format", "png"]):
        assert translate("--to", "sketch", "clip.mp4", *words).code == 2
