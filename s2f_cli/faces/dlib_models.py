"""dlib's models: its frontal face detector, and the files of the package face_recognition_models."""

import importlib.util
from contextlib import suppress
from pathlib import Path
from typing import Any

from s2f_cli.core import paths
from s2f_cli.core.errors import MissingPart, S2FError
from s2f_cli.core.files import atomic_file
from s2f_cli.core.requirements import install_hint, require

LANDMARKS = "shape_predictor_5_face_landmarks.dat"
"""The file of the predictor of five landmarks."""
EMBEDDING = "dlib_face_recognition_resnet_model_v1.dat"
"""The file of the network that embeds faces, for comparing them."""

_PACKAGE = "face_recognition_models"


def detector() -> Any:
    """Load dlib's frontal face detector; raises MissingPart without dlib.

    A copy is kept in the cache, because dlib needs 250 ms to unpack its own and 1 ms to read a file.
    """
    dlib = require("dlib")
    copy = paths.cache() / f"dlib-{dlib.__version__}-frontal-faces.svm"
    with suppress(OSError, RuntimeError):
        if copy.is_file():
            return dlib.fhog_object_detector(str(copy))
    unpacked = dlib.get_frontal_face_detector()
    with suppress(OSError, RuntimeError, S2FError), atomic_file(copy) as temporary:
        unpacked.save(str(temporary))
    return unpacked


def landmarks() -> Any:
    """Load dlib's predictor of five face landmarks; raises MissingPart without dlib or the model file."""
    return require("dlib").shape_predictor(str(file(LANDMARKS)))


def file(name: str) -> Path:
    """The path of a file of the package face_recognition_models; raises MissingPart if it is missing."""
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise MissingPart(f"dlib's models (package {_PACKAGE}) are not installed", install_hint(_PACKAGE))
    path = Path(package.origin).parent / "models" / name
    if not path.is_file():
        raise MissingPart(f"there is no {path}", f"pip install --force-reinstall {_PACKAGE}")
    return path
