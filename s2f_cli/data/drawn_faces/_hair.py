"""Draws the hair of a face, behind and in front of the head, and the beard."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from s2f_cli.data.drawn_faces._looks import SKINS, Looks, outline
from s2f_cli.data.drawn_faces._pen import Colour, Pen, mirror, oval, ring, shade


def hair_behind(pen: Pen, face: Looks, hair: Colour) -> None:
    """Draw the part of long, bobbed or curly hair that the head covers."""
    w, dark = face.width, shade(hair, 0.72)
    if face.style == "long":
        pen.fill(
            ring(
                mirror([(0, -106), (w, -88), (w + 22, -20), (w + 26, 70), (w + 20, 130), (20, 140), (0, 130)])
            ),
            dark,
        )
    elif face.style == "bob":
        pen.fill(ring(mirror([(0, -104), (w, -86), (w + 18, -20), (w + 18, 44), (w - 4, 70), (0, 60)])), dark)
    elif face.style == "curly":
        rough = random.Random(face.noise)
        for k in range(34):
            a = math.pi * (0.98 + 1.04 * k / 33)
            r = rough.uniform(14, 21)
            pen.fill(
                oval((w + 6) * math.cos(a), -18 + 76 * math.sin(a), r, r, 16),
                shade(dark, rough.uniform(0.85, 1.15)),
            )


def beard(pen: Pen, face: Looks, hair: Colour) -> None:
    """Draw a short beard around the mouth."""
    w, head = face.width, outline(face)
    area = [
        (-w, 10),
        (-w * 0.8, 26),
        (-30, 40),
        (-14, 40),
        (0, 43),
        (14, 40),
        (30, 40),
        (w * 0.8, 26),
        (w, 10),
        (w, 95),
        (-w, 95),
    ]
    mouth = oval(0, 55, 24, 10)
    shaven = pen.canvas.copy()
    pen.soft(area, hair, 4, 0.78, head)
    mask = Image.new("L", pen.canvas.size, 0)
    ImageDraw.Draw(mask).polygon(pen.place(mouth), fill=255)
    pen.canvas.paste(shaven, (0, 0), mask.filter(ImageFilter.GaussianBlur(3)))


def hair_in_front(pen: Pen, face: Looks, hair: Colour) -> None:
    """Draw the cap of hair and its strands, or the shine of a bald head."""
    w, style = face.width, face.style
    if style == "bald":
        pen.soft(oval(face.light * 16, -70, 18, 7), shade(SKINS[face.skin], 1.6), 6, 0.5)
        return
    crown = [
        (-w - 3, -8),
        (-w - 7, -50),
        (-w * 0.72, -92),
        (0, -106),
        (w * 0.72, -92),
        (w + 7, -50),
        (w + 3, -8),
    ]
    lines = {
        "short": [(w - 4, -36), (w * 0.66, -60), (0, -66), (-w * 0.66, -60), (-w + 4, -36)],
        "side": [(w - 5, -34), (w * 0.8, -56), (w * 0.2, -50), (-w * 0.45, -72), (-w + 6, -40)],
        "bob": [
            (w - 6, -6),
            (w - 10, -40),
            (w * 0.5, -48),
            (0, -44),
            (-w * 0.5, -48),
            (-w + 10, -40),
            (-w + 6, -6),
        ],
        "long": [
            (w - 2, 10),
            (w - 12, -44),
            (w * 0.3, -72),
            (4, -82),
            (-w * 0.3, -72),
            (-w + 12, -44),
            (-w + 2, 10),
        ],
        "curly": [
            (w - 4, -30),
            (w * 0.7, -54),
            (w * 0.3, -62),
            (0, -58),
            (-w * 0.3, -63),
            (-w * 0.7, -54),
            (-w + 4, -30),
        ],
    }
    cap = ring([*crown, *lines[style]])
    pen.soft([(x, y + 5) for x, y in cap], (40, 24, 18), 4, 0.4, outline(face))
    pen.fill(cap, hair)
    strands = random.Random(face.noise)
    for _ in range(46):
        x = strands.uniform(-w, w)
        top, bend = -104 + 0.006 * x * x, strands.uniform(-7, 7)
        end = top + strands.uniform(14, 30)
        colour = shade(hair, strands.choice([0.7, 0.82, 1.1, 1.2]))
        pen.line([(x * 0.9, top + 4), (x + bend * 0.4, (top + end) / 2), (x * 1.05 + bend, end)], colour, 1)
    pen.soft(oval(face.light * w * 0.4, -86, 26, 8), shade(hair, 1.35), 6, 0.5, cap)
