"""The two domains of images."""

from typing import Literal, get_args

from s2f_cli.core.errors import ImageError

Domain = Literal["face", "sketch"]
"""The domain of an image: a photo of a face, or a sketch of one."""
DOMAINS: tuple[Domain, ...] = get_args(Domain)


def other(domain: Domain) -> Domain:
    """The opposite domain."""
    return "sketch" if domain == "face" else "face"


def as_domain(text: str) -> Domain:
    """Return `text` if it is `face` or `sketch`; raises ImageError for anything else."""
    if text not in DOMAINS:
        raise ImageError(f"{text!r} is not a domain", f"use {' or '.join(DOMAINS)}")
    return text
