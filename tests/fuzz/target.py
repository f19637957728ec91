"""A kind of files to damage and read."""

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutations import damaged, damaged_json

Damage = Callable[[bytes, Sequence[bytes], random.Random], bytes]


@dataclass
class Target:
    """A kind of files: examples by name, how they are damaged and how they are read."""

    name: str
    examples: list[tuple[str, bytes]]
    damage: Damage
    read: Callable[[Path], object]

    def write(self, rng: random.Random, folder: Path) -> Path:
        """Write a damaged example into a folder, in place of the last one."""
        for old in folder.iterdir():
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
        name, data = rng.choice(self.examples)
        file = folder / name
        file.write_bytes(self.damage(data, [example for _, example in self.examples], rng))
        return file


def damaged_text(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """A damaged text file."""
    return damaged(data, others, rng, text=True)


def damaged_lines(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Lines of JSON, one of which is damaged, or a damaged text file."""
    if rng.random() < 0.3:
        return damaged(data, others, rng, text=True)
    lines = data.split(b"\n")
    number = rng.randrange(len(lines))
    lines[number] = damaged_json(lines[number], lines, rng) if lines[number].strip() else b"[]"
    return b"\n".join(lines)
