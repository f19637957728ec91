"""Broken data sets."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

MANIFESTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda text: b"", "manifest.jsonl, line 1"),
    "not JSON": (lambda text: text + b"{\n", "manifest.jsonl, line 11"),
    "not text": (lambda text: b"\xff\xfe\x00", "manifest.jsonl"),
    "an unknown key": (lambda text: text.replace(b'"identity"', b'"idendity"', 1), "manifest.jsonl, line 2"),
    "another format": (lambda text: text.replace(b'"format":1', b'"format":9', 1), "format 9"),
    "a path outside": (lambda text: text.replace(b"test/face/0", b"../../face/0", 1), "leaves the data set"),
    "no images": (lambda text: text.split(b"\n")[0], "has no face"),
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_broken_manifest_is_an_error_with_a_fix(
    kind: str, s2f, here: Path, data: Path, tiny_recipe: Path
) -> None:
    change, message = MANIFESTS[kind]
    shutil.copytree(data, "data")
    manifest = Path("data/manifest.jsonl")
    manifest.write_bytes(change(manifest.read_bytes()))
    result = s2f("train", tiny_recipe, "--device", "cpu")
    assert result.code == 1
    error, hint = result.err.splitlines()
    assert error.startswith("error: ") and message in error
    assert "prepare" in hint
    assert not Path("runs").exists()


def test_a_missing_image_of_a_data_set_is_an_error(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    shutil.copytree(data, "data")
    for file in Path("data/train/face").iterdir():
        file.unlink()
    result = s2f("train", tiny_recipe, "--device", "cpu")
    assert result.code == 1
    assert "error: there is no file data/train/face/" in result.err
