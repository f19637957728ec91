"""Text that is valid in XML."""


def xml_text(text: str) -> str:
    """Escape what XML cannot hold: control characters and undecodable bytes, as file names may have."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text
    )
