"""`s2f translate --watch`: new files are translated once they are complete."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.cli.commands.translate.naming import Naming
from s2f_cli.cli.commands.translate.watch import Watcher


def test_a_file_is_returned_once_it_has_settled(here: Path) -> None:
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
    file.write_bytes(b"another image")
    assert watcher.scan() == []
    assert watcher.scan() == [(file, inbox)]
    file.unlink()
    assert watcher.scan() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_watch_translates_until_ctrl_c(tiny_run: Path, here: Path, drawing) -> None:
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
        with Image.open("out/sub/second.sketch.png") as image:
            assert image.size == (24, 16)
        drawing(3, 32, 16).save("in/first.png")
        assert process.stdout.readline() == b"out/first.sketch.png\n"
    finally:
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"watching in" in stderr and b"bad.png" in stderr and b"Traceback" not in stderr


def test_watch_takes_only_folders(translate, here: Path, drawing) -> None:
    drawing(1).save("a.png")
    assert translate("--to", "face", "a.png", "--watch").code == 2


def test_videos_are_named_but_not_those_that_are_results(here: Path) -> None:
    (here / "in").mkdir()
    for name in ("a.mp4", "b.face.mp4", "c.psd"):
        (here / "in" / name).touch()
    watcher = Watcher([here / "in"])
    watcher.scan()
    named = Naming("face", None, ".png", overwrite=False).without_results(watcher.left_out)
    assert {Path(name).name: "video" in reason for name, reason in named.items()} == {
        "a.mp4": True,
        "c.psd": False,
    }


def test_what_cannot_be_used_is_named_once(here: Path) -> None:
    Path("inbox/out").mkdir(parents=True)
    watcher = Watcher([here / "inbox"], Path("inbox/out"))
    Path("inbox/a.psd").touch()
    Path("inbox/out/b.psd").touch()
    watcher.scan()
    assert list(watcher.left_out) == [str(here / "inbox/a.psd")]
    watcher.scan()
    assert watcher.left_out == {}
