"""`s2f translate`."""


def translate() -> None:
    """Not there yet."""
