"""Draws a face from its looks."""

import numpy as np
from PIL import Image

from s2f_cli.data.drawn_faces._hair import beard, hair_behind, hair_in_front
from s2f_cli.data.drawn_faces._looks import EYES, HAIRS, SKINS, Looks, outline
from s2f_cli.data.drawn_faces._pen import SIDE, Colour, Pen, mirror, oval, ring, shade, tint


def draw(face: Looks) -> Image.Image:
    """Draw a face as an RGB image of 256×256 pixels; equal looks give equal pixels."""
    pen = Pen(face.ground, face.turn, face.shift, face.scale)
    skin, hair = SKINS[face.skin], HAIRS[face.hair]
    _ground(pen, face)
    hair_behind(pen, face, hair)
    _shoulders(pen, face, skin)
    _head(pen, face, skin)
    for side in (-1, 1):
        _eye(pen, face, side, skin)
    _nose(pen, face, skin)
    _mouth(pen, face, skin)
    if face.beard:
        beard(pen, face, hair)
    hair_in_front(pen, face, hair)
    if face.glasses:
        _glasses(pen)
    return _finish(pen.canvas, face.noise)


def _ground(pen: Pen, face: Looks) -> None:
    y, x = np.mgrid[0:1:64j, 0:1:64j]
    glow = 1.08 - 0.25 * np.hypot(x - 0.5 - 0.2 * face.light, y - 0.35)
    levels = np.clip(np.array(face.ground) * glow[..., None], 0, 255).astype(np.uint8)
    pen.canvas.paste(Image.fromarray(levels).resize(pen.canvas.size, Image.Resampling.BICUBIC))


def _shoulders(pen: Pen, face: Looks, skin: Colour) -> None:
    neck = ring(mirror([(0, 50), (30, 52), (33, 84), (40, 108), (0, 124)]))
    pen.fill(neck, shade(skin, 0.86))
    body = [
        (-200, 200),
        (-120, 128),
        (-74, 112),
        (-40, 102),
        (0, 126),
        (40, 102),
        (74, 112),
        (120, 128),
        (200, 200),
    ]
    pen.fill(ring(body), face.clothes)
    pen.line([(-42, 103), (-20, 119), (0, 126), (20, 119), (42, 103)], shade(face.clothes, 0.7), 2.4)
    pen.soft(oval(0, 88, 38, 16), shade(skin, 0.45), 7, 0.6, neck)


def _head(pen: Pen, face: Looks, skin: Colour) -> None:
    w = face.width
    for side in (-1, 1):
        ear = ring(
            [(side * x, y) for x, y in [(w - 4, -18), (w + 8, -16), (w + 9, 4), (w + 2, 20), (w - 6, 18)]]
        )
        pen.fill(ear, shade(skin, 0.9))
        pen.line([(side * (w + 4), -10), (side * (w + 5), 2), (side * (w + 1), 10)], shade(skin, 0.66), 1.4)
    head = outline(face)
    pen.fill(head, skin)
    far = -face.light
    pen.soft(
        ring([(far * 22, -90), (far * 90, -60), (far * 90, 60), (far * 20, 95), (far * 46, 20)]),
        shade(skin, 0.58),
        14,
        0.75,
        head,
    )
    pen.soft(oval(0, 90, 40, 10), shade(skin, 0.6), 6, 0.6, head)
    pen.soft(oval(face.light * 24, -46, 30, 16), shade(skin, 1.35), 12, 0.55, head)
    blush = tint(skin, (206, 84, 78), 0.45)
    for side in (-1, 1):
        pen.soft(oval(side * 35, 26, 14, 10), blush, 8, 0.55, head)


def _eye(pen: Pen, face: Looks, side: int, skin: Colour) -> None:
    x, y = side * 26.0, -6.0
    pen.soft(oval(x, y - 4, 18, 11), shade(skin, 0.55), 5, 0.62)
    opening = 6.0 if not face.smile else 5.0
    white = ring(
        [
            (x - 13, y + 1),
            (x - 6, y - opening),
            (x + 3, y - opening - 0.6),
            (x + 13, y),
            (x + 5, y + 4.6),
            (x - 5, y + 4.6),
        ]
    )
    pen.fill(white, (240, 236, 230))
    colour = EYES[face.eyes]
    pen.fill(oval(x, y - 0.6, 5.6, 5.6), shade(colour, 0.55))
    pen.fill(oval(x, y - 0.4, 4.6, 4.6), colour)
    pen.fill(oval(x, y - 0.6, 2.4, 2.4), (12, 10, 12))
    pen.fill(oval(x + face.light * 1.8, y - 2.6, 1.3, 1.3), (255, 255, 255))
    dark = tint(shade(skin, 0.3), (30, 20, 20), 0.5)
    pen.line(
        [(x - 13.5, y + 1.4), (x - 6, y - opening - 0.4), (x + 3, y - opening - 1), (x + 13.5, y)], dark, 2.2
    )
    pen.line([(x - 12, y - 5), (x - 5, y - 10), (x + 4, y - 10.4), (x + 12, y - 6)], shade(skin, 0.62), 1.2)
    pen.line([(x - 10, y + 4), (x, y + 6), (x + 10, y + 3.6)], shade(skin, 0.6), 1.0)
    brow = tint(HAIRS[face.hair], shade(skin, 0.5), 0.25)
    inner, outer = x - side * 14, x + side * 17
    lift = 2.0 if face.smile else 0.0
    pen.fill(
        ring(
            [(inner, -21), (x, -26 - lift), (outer, -19 - lift), (x + side * 2, -22 - lift), (inner, -16.5)]
        ),
        brow,
    )


def _nose(pen: Pen, face: Looks, skin: Colour) -> None:
    far = -face.light
    pen.soft(
        [(far * 3, -12), (far * 10, 6), (far * 12, 30), (far * 2, 30), (far * 3, 6)],
        shade(skin, 0.62),
        4,
        0.7,
    )
    pen.soft([(-1.5, -14), (2, -14), (3, 22), (-3, 22)], shade(skin, 1.4), 2.5, 0.5)
    pen.soft(oval(0, 34, 13, 4), shade(skin, 0.55), 3, 0.65)
    dark = shade(skin, 0.4)
    for side in (-1, 1):
        pen.fill(oval(side * 6, 30.5, 3.2, 1.9), dark)
        pen.line([(side * 11, 22), (side * 13, 27), (side * 10.5, 32)], shade(skin, 0.62), 1.5)


def _mouth(pen: Pen, face: Looks, skin: Colour) -> None:
    lip = tint(skin, (158, 52, 56), 0.58)
    wide, corner = (25.0, 48.0) if face.smile else (20.0, 54.5)
    drop = 63.0 if face.smile else 62.5
    pen.soft(oval(0, drop + 5, 14, 4), shade(skin, 0.6), 3, 0.6)
    lower = ring(
        [
            (-wide, corner),
            (-10, 55),
            (0, 56),
            (10, 55),
            (wide, corner),
            (12, drop - 1),
            (0, drop + 1),
            (-12, drop - 1),
        ]
    )
    pen.fill(lower, lip)
    if face.smile:
        teeth = ring([(-19, 51), (0, 53), (19, 51), (9, 57.5), (0, 59), (-9, 57.5)])
        pen.fill(teeth, (244, 240, 232))
    top = [
        (-wide, corner),
        (-8, 48.5 if not face.smile else 47),
        (-3, 47.5),
        (0, 49),
        (3, 47.5),
        (8, 48.5 if not face.smile else 47),
        (wide, corner),
        (9, 53.5),
        (0, 54.5),
        (-9, 53.5),
    ]
    pen.fill(ring(top), shade(lip, 0.84))
    if not face.smile:
        pen.line([(-wide, corner), (-9, 54), (0, 55.2), (9, 54), (wide, corner)], shade(lip, 0.45), 1.5)
    pen.soft(oval(0, drop - 3, 7, 1.6), shade(lip, 1.5), 1.6, 0.55)
    for side in (-1, 1):
        pen.soft(oval(side * (wide + 2), corner, 3, 3), shade(skin, 0.5), 1.8, 0.8)
        if face.smile:
            pen.line([(side * 16, 32), (side * 27, 40), (side * 31, 50)], shade(skin, 0.72), 1.4)


def _glasses(pen: Pen) -> None:
    frame = (44, 38, 40)
    for side in (-1, 1):
        x = side * 26
        lens = ring([(x - 19, -16), (x, -19), (x + 19, -16), (x + 18, 6), (x, 13), (x - 18, 6)])
        pen.line([*lens, lens[0], lens[1]], frame, 2.6)
        pen.line([(side * 45, -12), (side * 62, -10)], frame, 2.4)
    pen.line([(-8, -9), (0, -11), (8, -9)], frame, 2.4)


def _finish(canvas: Image.Image, noise: int) -> Image.Image:
    """Scale the canvas down to SIDE and add a little grain, like a camera's."""
    small = np.asarray(canvas.resize((SIDE, SIDE), Image.Resampling.BOX), np.int16)
    grain = np.random.default_rng(noise).integers(-4, 5, (SIDE, SIDE, 1), dtype=np.int16)
    return Image.fromarray(np.clip(small + grain, 0, 255).astype(np.uint8))
