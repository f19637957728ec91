import io
from pathlib import Path

import pytest

from s2f_cli.core import heif, images
from s2f_cli.core.errors import ImageError

TURNED = Path(__file__).parents[1] / "fixtures" / "heif" / "turned.heic"


def test_a_text_that_is_not_utf8_is_damage(tmp_path: Path) -> None:
    data = TURNED.read_bytes()
    broken = data.replace(b"Exif\0", b"E\x18\xe1\x9e\x13", 1)
    assert broken != data
    file = tmp_path / "broken.heic"
    file.write_bytes(broken)
    for source in (file, io.BytesIO(broken)):
        with pytest.raises(ImageError):
            images.read(source)


@pytest.mark.parametrize("length", range(0, 300, 23))
def test_a_file_that_is_cut_off_is_not_read_beyond_its_end(length: int) -> None:
    assert not heif.has_broken_texts(io.BytesIO(TURNED.read_bytes()[:length]))


def test_whole_files_have_no_broken_texts() -> None:
    assert not any(heif.has_broken_texts(file) for file in TURNED.parent.glob("*.heic"))
