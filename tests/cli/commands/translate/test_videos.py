"""`s2f translate` of a video."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import video

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


@pytest.fixture
def clip(here: Path) -> Path:
    """Twelve frames of half a second, with a sound."""
    words = "ffmpeg -v error -f lavfi -i testsrc2=size=48x36:rate=24:duration=0.5 -f lavfi -i sine=d=0.5"
    subprocess.run([*words.split(), "-c:a", "aac", "clip one.mp4"], check=True)
    return here / "clip one.mp4"


@needs_ffmpeg
def test_rate_length_and_sound_are_kept(translate, clip: Path) -> None:
    result = translate("--to", "sketch", clip, "--json")
    assert result.code == 0, result.err
    target = clip.with_name("clip one.sketch.mp4")
    told = json.loads(result.lines[0])
    assert told["outputs"] == [str(target)] and told["frames"] == 12
    given, made = video.look(clip), video.look(target)
    assert (made.width, made.height, made.rate) == (given.width, given.height, given.rate)
    listed = subprocess.run(["ffmpeg", "-i", target], capture_output=True, text=True).stderr
    assert "Audio: aac" in listed
    frames = [np.asarray(frame, int) for frame in video.frames(made)]
    assert len(frames) == 12
    assert np.ptp(frames[3], axis=2).mean() < 8  # sketches are gray


@needs_ffmpeg
def test_a_frame_is_translated_as_a_picture_is(translate, clip: Path) -> None:
    translate("--to", "sketch", clip, "--size", "36", "-o", "made/all.mkv")
    frame = list(video.frames(video.look(clip)))[5]
    frame.save("frame.png")
    translate("--to", "sketch", "frame.png", "--size", "36", "-o", "still.png")
    with Image.open("still.png") as still:
        moving = list(video.frames(video.look(Path("made/all.mkv"))))[5].convert("L")
        assert np.abs(np.asarray(still, int) - np.asarray(moving, int)).mean() < 12


@needs_ffmpeg
def test_what_is_no_video_is_left_out(translate, clip: Path) -> None:
    Path("notes.mp4").write_text("no video")
    result = translate("--to", "sketch", "notes.mp4", clip, "gone.mp4")
    assert result.code == 1 and result.lines == [str(clip.with_name("clip one.sketch.mp4"))]
    assert "notes.mp4 is no video that ffmpeg reads" in result.err
    assert not Path("notes.sketch.mp4").exists()


@needs_ffmpeg
def test_a_container_that_does_not_take_it_leaves_nothing(translate, clip: Path) -> None:
    clip = clip.rename("clip.mp4")
    result = translate("--to", "sketch", clip, "-o", "made.webm")
    assert result.code == 1 and "ffmpeg cannot write made.webm" in result.err
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["clip.mp4"]


def test_without_ffmpeg(translate, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("clip.mp4").write_bytes(b"video")
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = translate("--to", "sketch", "clip.mp4")
    assert result.code == 1 and "apt install ffmpeg" in result.err


def test_a_video_is_one_result(translate, here: Path) -> None:
    Path("clip.mp4").write_bytes(b"video")
    for words in (["--samples", "2"], ["--format", "png"]):
        assert translate("--to", "sketch", "clip.mp4", *words).code == 2


def test_names() -> None:
    assert video.suffix_for(Path("a.MOV")) == ".mov"
    assert video.suffix_for(Path("a.avi")) == ".mkv"
