"""Where a shot begins."""

import numpy as np
from PIL import Image

from s2f_cli.core.video_cuts import CutDetector


def picture(seed: int, noise: float = 0) -> Image.Image:
    coarse = Image.fromarray(np.random.default_rng(seed).integers(0, 255, (4, 4, 3), np.uint8))
    levels = np.asarray(coarse.resize((64, 48), Image.Resampling.BICUBIC), float)
    levels = levels + np.random.default_rng(9).normal(0, noise, levels.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def test_the_first_frame_and_another_picture_begin_a_shot() -> None:
    cuts = CutDetector()
    frames = [picture(0), picture(0, noise=20), picture(0), picture(1), picture(1)]
    assert [cuts.is_cut(frame) for frame in frames] == [True, False, False, True, False]
