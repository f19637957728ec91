"""`s2f sketchify`."""


def sketchify() -> None:
    """Not there yet."""
