"""ONNX (https://onnx.ai), for ONNX Runtime, browsers and other runtimes."""

from s2f_cli.export.formats._onnx import OnnxFile

__all__ = ["Onnx"]


class Onnx(OnnxFile):
    """One ONNX file per direction."""
