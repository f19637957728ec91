"""Finds the people of a photo: MediaPipe's selfie segmentation, general model (Google 2021), without torch.

Encoder and blocks are those of MobileNetV3 (Howard et al. 2019), §5, with fewer channels. The weights in
`person_mask.safetensors` are those of `selfie_segmentation.tflite` in mediapipe 0.10.14, unchanged, under the
Apache License 2.0. The ONNX graph beside them is that of `tests/benchmarks/_person_network.py`;
`person_mask_weights.py` there writes both. What the network was tested on, and where it fails:
docs/model-cards.md.
"""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.core import onnx_runtime
from s2f_cli.models import graphs

SIDE = 256
"""Width and height of the network's images, in pixels."""
WEIGHTS = Path(__file__).with_suffix(".safetensors")
GRAPH = "mask"
"""The name of its graph: (N, 3, SIDE, SIDE) in [0, 1] → (N, 1, SIDE, SIDE) in [0, 1]."""


def person_mask(photo: Image.Image | npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return how much of each pixel is a person: (height, width) in [0, 1], at the size of the photo.

    `photo` is an image, or its sRGB values (height, width, 3). It is stretched to a square of `SIDE` pixels.
    """
    image = (Image.fromarray(photo) if isinstance(photo, np.ndarray) else photo).convert("RGB")
    square = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.float32) / 255
    (masks,) = _session().run(None, {graphs.IMAGE: np.ascontiguousarray(square.transpose(2, 0, 1)[None])})
    mask = Image.fromarray(masks[0, 0]).resize(image.size, Image.Resampling.BILINEAR)
    return np.asarray(mask).clip(0, 1)


@functools.cache
def _session() -> Any:
    graph = graphs.read(WEIGHTS)[GRAPH]
    return onnx_runtime.open_session(graph.model, weights=graphs.read_weights(WEIGHTS, graph))
