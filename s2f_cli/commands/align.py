"""`s2f align`."""


def align() -> None:
    """Not there yet."""
