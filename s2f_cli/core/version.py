"""The version of s2f."""

__version__ = "0.1.0"
