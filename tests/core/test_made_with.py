import os
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core import images, made_with

NOTE = made_with.note("translate", model="abc", style=None, size="native")


def test_a_note_is_the_same_for_equal_settings() -> None:
    assert (
        made_with.note("translate", size="native", model="abc") == NOTE != made_with.note("translate", size=8)
    )


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_note_is_read_from_the_file(suffix: str, mode: str, tmp_path: Path) -> None:
    file = tmp_path / f"result{suffix}"
    images.write(Image.new(mode, (4, 4)), file, note=NOTE)
    assert made_with.read(file) == NOTE
    assert images.read(file).size == (4, 4)


def test_other_files_have_no_note(tmp_path: Path) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "a.jpg", comment=b"holidays")
    (tmp_path / "b.png").write_bytes(b"no image")
    images.write(Image.new("L", (4, 4)), tmp_path / "c.bmp", note=NOTE)
    assert [made_with.read(tmp_path / name) for name in ("a.jpg", "b.png", "c.bmp", "none.png")] == [""] * 4


def test_the_state_of_a_result(tmp_path: Path) -> None:
    source, file = tmp_path / "source.png", tmp_path / "a.png"
    source.touch()

    def state(expected: str = NOTE) -> str:
        return made_with.state(file, expected, source)

    assert state() == "missing"
    file.touch()
    assert state() == "missing"
    Image.new("L", (4, 4)).save(file)
    assert (state(), state("")) == ("unknown", "current")
    images.write(Image.new("L", (4, 4)), file, note=NOTE)
    assert (state(), state(made_with.note("align"))) == ("current", "outdated")
    later = file.stat().st_mtime + 1
    os.utime(source, (later, later))
    assert (state(), state("")) == ("outdated", "current")
    source.unlink()
    assert state() == "current"
