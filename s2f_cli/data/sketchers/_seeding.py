"""Seeds for single images."""

import hashlib
import os


def image_seed(seed: int, name: str) -> int:
    """A 64-bit seed from the run's seed and the image's name; equal on every machine and in any order."""
    return int.from_bytes(hashlib.sha256(os.fsencode(f"{seed}\0{name}")).digest()[:8], "big")
