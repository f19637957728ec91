"""The looks of drawn faces: skin, hair, expression …, drawn with a seed."""

import random
from dataclasses import dataclass

from s2f_cli.data.drawn_faces._pen import Colour, Point, mirror, ring

SKINS: dict[str, Colour] = {
    "porcelain": (246, 219, 200),
    "fair": (235, 198, 170),
    "olive": (214, 170, 132),
    "tan": (190, 139, 100),
    "brown": (146, 98, 68),
    "dark": (98, 65, 47),
}
HAIRS: dict[str, Colour] = {
    "black": (33, 29, 31),
    "dark brown": (62, 42, 32),
    "brown": (104, 68, 43),
    "auburn": (128, 60, 36),
    "blond": (205, 166, 104),
    "gray": (150, 148, 148),
}
EYES: dict[str, Colour] = {
    "brown": (84, 52, 32),
    "hazel": (118, 92, 48),
    "green": (74, 112, 82),
    "blue": (72, 112, 158),
}
GROUNDS: list[Colour] = [
    (92, 124, 160),
    (168, 184, 196),
    (196, 182, 160),
    (120, 148, 128),
    (176, 148, 168),
    (214, 210, 202),
]
CLOTHES: list[Colour] = [
    (52, 66, 96),
    (120, 44, 52),
    (58, 86, 72),
    (78, 76, 82),
    (196, 190, 180),
    (150, 110, 66),
]
STYLES = ["short", "side", "bob", "long", "curly", "bald"]


@dataclass(frozen=True)
class Looks:
    """The features of a drawn face."""

    skin: str
    hair: str
    style: str
    eyes: str
    smile: bool
    glasses: bool
    beard: bool
    ground: Colour
    clothes: Colour
    turn: float
    """In degrees, clockwise."""
    shift: Point
    """Of the centre of the face, in pixels."""
    scale: float
    light: int
    """-1 for light from the left, 1 from the right."""
    width: float
    """Half the width of the head, in pixels."""
    jaw: float
    """Half the width of the jaw, as a share of `width`."""
    noise: int
    """The seed of the grain and of the strands of hair."""

    def attributes(self) -> dict[str, str]:
        """The attributes in words, as a classifier might give them."""
        return {
            "skin": self.skin,
            "hair": self.hair,
            "style": self.style,
            "eyes": self.eyes,
            "smiling": "yes" if self.smile else "no",
            "glasses": "yes" if self.glasses else "no",
            "beard": "yes" if self.beard else "no",
        }


def looks(seed: int, number: int) -> Looks:
    """The looks of face `number`, drawn with a seed; equal arguments give equal looks."""
    draw = random.Random(f"{seed}/{number}")
    style = draw.choice(STYLES)
    return Looks(
        skin=draw.choice(list(SKINS)),
        hair=draw.choice(list(HAIRS)),
        style=style,
        eyes=draw.choice(list(EYES)),
        smile=draw.random() < 0.5,
        glasses=draw.random() < 0.25,
        beard=style in ("short", "side", "bald") and draw.random() < 0.35,
        ground=draw.choice(GROUNDS),
        clothes=draw.choice(CLOTHES),
        turn=draw.uniform(-8, 8),
        shift=(draw.uniform(-7, 7), draw.uniform(-5, 7)),
        scale=draw.uniform(0.92, 1.04),
        light=draw.choice([-1, 1]),
        width=draw.uniform(57, 65),
        jaw=draw.uniform(0.62, 0.84),
        noise=draw.getrandbits(32),
    )


def outline(face: Looks) -> list[Point]:
    """The outline of the head, as a closed curve of points."""
    w = face.width
    return ring(
        mirror(
            [
                (0, -84),
                (w * 0.62, -74),
                (w * 0.96, -38),
                (w, 0),
                (w * 0.94, 32),
                (w * face.jaw, 62),
                (w * 0.34, 83),
                (0, 88),
            ]
        )
    )
