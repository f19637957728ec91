import random

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter

from s2f_cli.data.sketchers.report_b import report_b


def photo(seed: int = 0, mode: str = "RGB") -> Image.Image:
    levels = np.random.default_rng(seed).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    return Image.fromarray(levels).resize((60, 80), Image.Resampling.BICUBIC).convert(mode)


def as_published(image: Image.Image, radius: float, brightness: float, contrast: float) -> Image.Image:
    """Report B's filter as in its appendix and its authors' code, in tensors and Pillow."""
    original = torch.from_numpy(np.array(image)).float().div(255)
    blurred = torch.from_numpy(np.array(image.filter(ImageFilter.GaussianBlur(radius)))).float().div(255)
    mean = Image.fromarray(((1 + original - blurred) / 2).mul(255).byte().numpy())
    return ImageEnhance.Contrast(ImageEnhance.Brightness(mean).enhance(brightness)).enhance(contrast)


def test_the_sketch_equals_that_of_the_published_filter() -> None:
    for seed in range(5):
        draw = random.Random(seed)
        radius, brightness, contrast = draw.uniform(0.8, 1.5), draw.uniform(1.5, 2.0), draw.uniform(1.5, 3.0)
        for mode in ("RGB", "L"):
            image = photo(seed, mode)
            expected = as_published(image, radius, brightness, contrast).convert("L")
            assert np.array_equal(report_b(image, seed), expected)


def test_the_sketch_is_gray_of_the_same_size_and_depends_on_its_seed() -> None:
    sketch = report_b(photo(), 1)
    assert (sketch.mode, sketch.size) == ("L", (60, 80))
    assert sketch.tobytes() == report_b(photo(), 1).tobytes()
    assert sketch.tobytes() != report_b(photo(), 2).tobytes()
