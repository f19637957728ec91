"""Commands that translate with a shipped model on a processor import no torch."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

AFTERWARDS = """
import atexit, sys
atexit.register(lambda: print(sorted({"torch", "torchvision", "scipy", "skimage"} & sys.modules.keys())))
from s2f_cli.cli.app import main
main()
"""


@pytest.mark.parametrize(
    ("to", "options"),
    [("sketch", ["--no-align"]), ("sketch", ["--style", "all", "--compare"]), ("face", ["--align", "auto"])],
)
def test_translate(tmp_path: Path, to: str, options: list[str]) -> None:
    Image.new("RGB", (48, 32), "gray").save(tmp_path / "photo.png")
    words = ["translate", "--to", to, "photo.png", "--model", "face-to-sketch", *options]
    if to == "face":
        words[words.index("face-to-sketch")] = "sketch-to-face"
    result = subprocess.run(
        [sys.executable, "-c", AFTERWARDS, *words, "--device", "cpu"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"
