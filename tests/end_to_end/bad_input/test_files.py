"""Files that are not usable images, in every command that takes a folder."""

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

KEEP = b"an existing file"


def encoded(kind: str = "PNG", side: int = 64) -> bytes:
    buffer = io.BytesIO()
    Image.frombytes("RGB", (side, side), np.random.default_rng(5).bytes(3 * side * side)).save(buffer, kind)
    return buffer.getvalue()


def damaged() -> bytes:
    content = bytearray(encoded())
    content[100:200] = bytes(100)
    return bytes(content)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("face.png"), encoded())
    return buffer.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of fifty bytes that claims to be huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@dataclass(frozen=True)
class Bad:
    """An unusable file: its name, its content, the message and the fix."""

    name: str
    content: Callable[[], bytes]
    message: str
    fix: str


REPLACE, READS = "replace the file or leave it out", "s2f reads apng"

BAD = {
    "truncated PNG": Bad("bad.png", lambda: encoded()[:900], "is truncated or damaged", REPLACE),
    "truncated JPEG": Bad("bad.jpg", lambda: encoded("JPEG")[:900], "is truncated or damaged", REPLACE),
    "truncated head": Bad("bad.png", lambda: encoded()[:20], "is truncated or damaged", REPLACE),
    "damaged": Bad("bad.png", damaged, "is truncated or damaged", REPLACE),
    "empty": Bad("bad.png", lambda: b"", "is empty", REPLACE),
    "not an image": Bad("bad.jpg", lambda: b"Dear diary", "is not an image", READS),
    "wrong extension": Bad("bad.png", zipped, "is not an image", READS),
    "decompression bomb": Bad(
        "bad.png",
        lambda: png_of_size(60_000, 60_000),
        "has 60000x60000 pixels, more than 100,000,000",
        "S2F_MAX_PIXELS",
    ),
}


@pytest.fixture(params=BAD)
def bad(request: pytest.FixtureRequest) -> Bad:
    return BAD[request.param]


def test_the_rest_of_the_batch_is_processed(bad: Bad, command, s2f, folder: Path) -> None:
    (folder / bad.name).write_bytes(bad.content())
    Image.new("RGB", (24, 16)).save("true/bad.png")
    if command.result:
        command.target("bad").parent.mkdir()
        command.target("bad").write_bytes(KEEP)

    result = s2f(*command.arguments)

    assert result.code == 1
    (line,) = result.left_out
    assert "bad" in line and bad.message in line and bad.fix in line
    assert (folder / bad.name).read_bytes() == bad.content()
    if command.result:
        assert command.target("bad").read_bytes() == KEEP
        for stem in "az":
            Image.open(command.target(stem)).load()
    elif "prepare" in command.arguments:
        assert sorted(p.stem for p in Path("out").glob("*/face/*")) == ["a", "z"]
    else:
        assert set(json.loads(result.out)["results"][0]["per_image"]) == {"a", "z"}
    assert not list(Path().rglob("out/**/.*")) + list(Path().glob(".*"))


def test_a_bad_file_alone_is_left_out(bad: Bad, s2f, folder: Path) -> None:
    (folder / bad.name).write_bytes(bad.content())
    result = s2f("translate", "--to", "face", folder / bad.name, "-o", "out.png", "--device", "cpu")
    assert result.code == 1
    assert not result.out and not Path("out.png").exists()
    (line,) = result.left_out
    assert f"in/{bad.name} " in line and bad.message in line and bad.fix in line


def test_a_bad_file_on_stdin_is_an_error(bad: Bad, s2f, folder: Path) -> None:
    result = s2f("translate", "--to", "face", "-", "--device", "cpu", stdin=bad.content())
    assert result.code == 1 and not result.out
    error, hint = result.err.splitlines()[-2:]
    assert error.startswith("error: standard input ") and bad.message in error
    assert hint.startswith("hint: ") and bad.fix in hint


def test_align_leaves_out_a_bad_file(bad: Bad, s2f, here: Path) -> None:
    Path("in").mkdir()
    Path("in", bad.name).write_bytes(bad.content())
    people(1).save("in/good.png")
    result = s2f("align", "in", "--output", "out", "--workers", 1)
    assert result.code == 1
    assert result.lines == ["out/good.png"]
    (line,) = result.left_out
    assert bad.message in line and bad.fix in line


def people(count: int) -> Image.Image:
    """Draw faces side by side."""
    from s2f_cli.data.drawn_faces import draw, looks

    sheet = Image.new("RGB", (max(count, 1) * 256, 256), "white")
    for number in range(count):
        sheet.paste(draw(looks(0, number)).resize((256, 256)), (number * 256, 0))
    return sheet


@pytest.mark.parametrize(
    ("count", "options", "written"),
    [
        pytest.param(0, [], [], id="no face"),
        pytest.param(2, [], ["bad.png"], id="several faces"),
        pytest.param(2, ["--faces", "all"], ["bad-2.png", "bad.png"], id="several faces, all wanted"),
    ],
)
def test_align_writes_the_faces_of_a_photo_or_leaves_it_out(
    count: int, options: list[str], written: list[str], s2f, here: Path
) -> None:
    Path("in").mkdir()
    people(1).save("in/good.png")
    people(count).save("in/bad.png")
    result = s2f("align", "in", "--output", "out", "--workers", 1, *options)
    assert sorted(p.name for p in Path("out").glob("*.png")) == [*written, "good.png"]
    assert result.code == (0 if written else 1)
    if not written:
        (line,) = result.left_out
        assert re.search(r"in/bad\.png.* no face was found .*--eyes", line)
