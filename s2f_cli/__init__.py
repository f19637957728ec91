"""s2f: photos of faces into sketches and sketches into faces."""

__version__ = "0.1.0"
