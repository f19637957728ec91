"""`s2f train`."""


def train() -> None:
    """Not there yet."""
