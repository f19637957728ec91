"""`s2f evaluate`."""


def evaluate() -> None:
    """Not there yet."""
