"""Text that is valid in XML."""


def xml_text(text: str) -> str:
    """Escape characters that XML cannot hold: control characters, and undecodable bytes of file names."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text
    )
