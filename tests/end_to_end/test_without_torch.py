"""What translates with a shipped model on a processor imports no torch: commands, server, Python API."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from skimage import data

from s2f_cli.core.errors import ExportError
from s2f_cli.web import runtime

PHOTO = ["--to", "sketch", "photo.png", "--model", "face-to-sketch", "--size", "64"]
TRANSLATIONS = {
    "crop": [*PHOTO, "--no-align", "--style", "all", "--compare"],
    "whole photo": PHOTO,
    "background": [*PHOTO, "--background", "transparent"],
    "pasted onto the photo": [*PHOTO, "--paste-back", "photo"],
    "to face": ["--to", "face", "photo.png", "--model", "sketch-to-face", "--like", "photo.png"],
}
SCRIPT = """
import contextlib, json, sys
imported = {}

def note(name):
    imported[name] = sorted({"torch", "torchvision"} & sys.modules.keys())

def s2f(name, *words):
    from s2f_cli.cli.app import main
    sys.argv = ["s2f", *words]
    try:
        with contextlib.redirect_stdout(sys.stderr):
            main()
    except SystemExit as end:
        assert not end.code, (name, end.code)
    note(name)

"""
SERVER = """
from fastapi.testclient import TestClient
from s2f_cli.inference.translator import Translator
from s2f_cli.models import locate
from s2f_cli.web import server
from s2f_cli.web.limits import RequestLimits
translator = Translator.open(locate.locate("face-to-sketch"), "cpu")
client = TestClient(server.create({"face-to-sketch": translator}, RequestLimits()))
with open("photo.png", "rb") as photo:
    answer = client.post("/translate", params={"to": "sketch"}, files={"image": photo})
assert answer.status_code == 200, answer.text
note("server")
"""
API = """
import s2f_cli as s2f
s2f.load("face-to-sketch", device="cpu").translate("photo.png").save("loaded.png")
s2f.translate("photo.png", "sketch", device="cpu")
note("python")
"""


@pytest.fixture
def imported(tmp_path: Path):
    """Runs a script in a process of its own; returns what it has imported of torch, by its notes."""
    from PIL import Image

    Image.fromarray(data.astronaut()[:256, 96:352]).save(tmp_path / "photo.png")

    def run(script: str) -> dict[str, list[str]]:
        command = [sys.executable, "-c", f"{SCRIPT}{script}\nprint(json.dumps(imported))"]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return run


def test_translate(imported) -> None:
    calls = [
        f"s2f({name!r}, 'translate', *{[*words, '--device', 'cpu']!r})"
        for name, words in TRANSLATIONS.items()
    ]
    assert imported("\n".join(calls)) == {name: [] for name in TRANSLATIONS}


def test_the_server_and_the_python_api(imported) -> None:
    assert imported(SERVER + API) == {"server": [], "python": []}


def test_a_page_is_exported(imported, tiny_run: Path) -> None:
    try:
        runtime.read()
    except ExportError as problem:
        pytest.skip(f"ONNX Runtime Web is neither cached nor reachable: {problem.message}")
    words = ["export", "--format", "web", "site", "--model", str(tiny_run)]
    assert imported(f"s2f('page', *{words!r})") == {"page": []}
