"""Filters over the frames of a video, which the test creates with PyAV."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import video

av = pytest.importorskip("av")

RATE = Fraction(24)


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    """Twelve frames of a bright bar that moves over noisy gray."""
    rng = np.random.default_rng(0)
    with av.open(str(tmp_path / "noisy.mkv"), "w") as output:
        stream = output.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(12):
            levels = rng.normal(110, 1.5, (48, 64, 3))
            levels[:24, 5 * number : 5 * number + 5] = 250
            frame = av.VideoFrame.from_ndarray(levels.clip(0, 255).astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, 1 / RATE
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return tmp_path / "noisy.mkv"


def levels(images: list[Image.Image]) -> np.ndarray:
    return np.array([np.asarray(image.convert("L"), float) for image in images])


def test_noise_is_averaged_and_movement_is_kept(noisy: Path) -> None:
    clip = video.probe(noisy)
    before = levels(list(video.frames(clip)))
    after = levels(list(video.frames(clip, denoised=True)))
    assert before.shape == after.shape
    still = slice(None), slice(28, None)
    assert np.abs(np.diff(after[still], axis=0)).mean() < 0.5 * np.abs(np.diff(before[still], axis=0)).mean()
    bars = [frame[:20].mean(axis=0) > 180 for frame in after]
    assert [int(np.flatnonzero(bar).mean()) for bar in bars] == [5 * number + 2 for number in range(12)]
