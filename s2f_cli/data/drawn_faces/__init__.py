"""Drawn faces with known attributes, so that the demo and the tests need no download."""

from s2f_cli.data.drawn_faces._face import draw
from s2f_cli.data.drawn_faces._looks import Looks, looks

__all__ = ["Looks", "draw", "looks"]
