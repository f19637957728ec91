"""`s2f translate --watch`: what appears in a folder is translated, whole."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.cli.commands.translate.watch import Watcher


def test_only_what_has_settled_and_each_once(here: Path) -> None:
    inbox = here / "inbox"
    inbox.mkdir()
    watcher = Watcher([inbox])
    assert watcher.scan() == []
    file = inbox / "a.png"
    file.write_bytes(b"half")
    assert watcher.scan() == []
    file.write_bytes(b"half and more")
    assert watcher.scan() == []
    assert watcher.scan() == [(file, inbox)]
    assert watcher.scan() == []
    file.write_bytes(b"another picture")
    assert watcher.scan() == []
    assert watcher.scan() == [(file, inbox)]
    file.unlink()
    assert watcher.scan() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_until_ctrl_c(tiny_run: Path, here: Path, drawing) -> None:
    Path("in/sub").mkdir(parents=True)
    drawing(1, 20, 16).save("in/first.png")
    words = ["translate", "--to", "sketch", "--model", str(tiny_run), "--watch", "in", "-o", "out"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background ignore it
    process = subprocess.Popen(
        [sys.executable, "-m", "s2f_cli", *words, "--device", "cpu"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    signal.signal(signal.SIGINT, before)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"out/first.sketch.png\n"
        Path("in/bad.png").write_bytes(b"no image")
        drawing(2, 24, 16).save("in/sub/second.png")
        assert process.stdout.readline() == b"out/sub/second.sketch.png\n"
        with Image.open("out/sub/second.sketch.png") as made:
            assert made.size == (24, 16)
    finally:
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"watching in" in told and b"bad.png" in told and b"Traceback" not in told


def test_it_takes_folders(translate, here: Path, drawing) -> None:
    drawing(1).save("a.png")
    assert translate("--to", "face", "a.png", "--watch").code == 2
