"""`s2f export`."""


def export() -> None:
    """Not there yet."""
