"""Large packages, imported without a search for garbage among what they make."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Imports in this block are not interrupted to look for garbage, nor is what they made looked at later:
    it lives as long as the process.

    To start and end a process that does no more than import torch takes a quarter less time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
