"""Filters of FFmpeg over the decoded frames of a video."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

from s2f_cli.core.requirements import require

_FRAMES = 9
"""The frames that are averaged: each with four before and four after it."""
_CHANGE = 0.02
"""The change of a pixel from frame to frame that is taken for noise, as a share of the whole range."""
_DRIFT = 0.04
"""The sum of its changes above which it is taken to move."""


def without_noise(frames: Iterable[Any], stream: Any) -> Iterator[Any]:
    """Average each pixel over the frames before and after, as far as it does not change (`atadenoise`)."""
    av = require("av", "video")
    graph = av.filter.Graph()
    planes = ":".join(f"{plane}a={_CHANGE}:{plane}b={_DRIFT}" for plane in range(3))
    source, sink = graph.add_buffer(template=stream), graph.add("buffersink")
    denoiser = graph.add("atadenoise", f"{planes}:s={_FRAMES}")
    source.link_to(denoiser)
    denoiser.link_to(sink)
    graph.configure()
    for frame in chain(frames, [None]):
        source.push(frame)
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                yield sink.pull()
