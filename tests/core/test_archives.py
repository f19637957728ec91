import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from s2f_cli.core import archives
from s2f_cli.core.archives import is_archive, unpack
from s2f_cli.core.errors import DataError


def zipped(file: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return file


def tarred(file: Path, *members: tarfile.TarInfo, data: bytes = b"data") -> Path:
    with tarfile.open(file, "w:gz") as tape:
        for member in members:
            member.size = len(data) if member.isreg() else 0
            tape.addfile(member, io.BytesIO(data) if member.isreg() else None)
    return file


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())


def test_members_are_unpacked_completely(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"faces/a.png": b"12345", "faces/ü b.png": b""})
    assert unpack(archive, tmp_path / "out") == {}
    assert files(tmp_path / "out") == ["faces/a.png", "faces/ü b.png"]
    assert (tmp_path / "out/faces/a.png").read_bytes() == b"12345"
    tape = tarred(tmp_path / "a.tar.gz", tar_member("faces/a.png"))
    assert unpack(tape, tmp_path / "tape") == {}
    assert (tmp_path / "tape/faces/a.png").read_bytes() == b"data"


HOSTILE = [
    "../evil.png",
    "/tmp/evil.png",
    "a/../../evil.png",
    "..\\evil.png",
    "C:evil.png",
    "x" * 300 + ".png",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_members_cannot_escape_the_folder(tmp_path: Path, name: str, kind: str) -> None:
    if kind == "zip":
        archive = zipped(tmp_path / "a.zip", {name: b"evil", "good.png": b"good"})
    else:
        archive = tarred(tmp_path / "a.tar.gz", tar_member(name), tar_member("good.png"))
    refused = unpack(archive, tmp_path / "in" / "out")
    assert files(tmp_path / "in") == ["out/good.png"]
    assert not list(tmp_path.glob("**/evil*"))
    (reason,) = refused.values()
    assert "leaves the archive" in reason or "too long" in reason


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    archive = tarred(tmp_path / "a.tgz", tar_member("link.png", kind, "/etc/passwd"), tar_member("good.png"))
    assert list(unpack(archive, tmp_path / "out").values()) == ["it is a link or a device, not a file"]
    assert files(tmp_path / "out") == ["good.png"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr(info, "/etc/passwd")
    assert list(unpack(tmp_path / "a.zip", tmp_path / "out").values()) == [
        "it is a link or a device, not a file"
    ]


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {f"{n}.png": bytes(60_000_000) for n in "ab"})
    with pytest.raises(DataError, match="bomb"):
        unpack(bomb, tmp_path / "out")
    written = sum(p.stat().st_size for p in (tmp_path / "out").rglob("*"))
    assert written <= 60_000_000


def test_an_archive_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 3)
    with pytest.raises(DataError, match="S2F_MAX_UNPACKED"):
        unpack(zipped(tmp_path / "a.zip", {"a": b"1234"}), tmp_path / "out")


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04broken", b"\x1f\x8bbroken"])
def test_a_broken_archive_is_an_error_that_names_it(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    if name == "a.tar" and not content:
        return
    with pytest.raises(DataError, match=name):
        unpack(tmp_path / name, tmp_path / "out")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_an_error(tmp_path: Path, method: int) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", method) as packed:
        packed.writestr("a.png", bytes(range(256)) * 9)
        start = packed.getinfo("a.png").header_offset + 30 + len("a.png")
    data = bytearray(archive.read_bytes())
    data[start + 9 : start + 29] = b"\xff" * 20
    archive.write_bytes(data)
    with pytest.raises(DataError, match="not a complete archive"):
        unpack(archive, tmp_path / "out")


def test_a_truncated_archive_is_an_error(tmp_path: Path) -> None:
    archive = tarred(tmp_path / "a.tar.gz", tar_member("a.png"), data=bytes(range(256)) * 99)
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(DataError, match="not a complete archive"):
        unpack(archive, tmp_path / "out")


def test_only_files_with_an_archive_suffix_are_archives(tmp_path: Path) -> None:
    (tmp_path / "folder.zip").mkdir()
    zipped(tmp_path / "A.ZIP", {})
    assert is_archive(tmp_path / "A.ZIP")
    assert not is_archive(tmp_path / "folder.zip")
    assert not is_archive(tmp_path / "none.zip")


def test_a_zip_of_windows_has_backslashes(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for name, data in {"set\\": b"", "set\\face\\a.png": b"a", "set\\face\\b 12:30.png": b"b"}.items():
            info = zipfile.ZipInfo("x")
            info.filename = name
            packed.writestr(info, data)
    assert unpack(tmp_path / "a.zip", tmp_path / "out") == {}
    assert files(tmp_path / "out") == ["set/face/a.png", "set/face/b 12_30.png"]


def test_a_zip_of_macos_has_names_in_utf_8_without_the_flag(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"faces/M@@ller.png": b"m"})
    archive.write_bytes(archive.read_bytes().replace(b"M@@ller", "Müller".encode()))
    assert unpack(archive, tmp_path / "out") == {}
    assert files(tmp_path / "out") == ["faces/Müller.png"]


def test_names_of_code_page_437_are_kept(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"M@ller.png": b"m"})
    archive.write_bytes(archive.read_bytes().replace(b"M@ller", "Müller".encode("cp437")))
    unpack(archive, tmp_path / "out")
    assert files(tmp_path / "out") == ["Müller.png"]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_litter_is_not_unpacked(tmp_path: Path, kind: str) -> None:
    litter = ["__MACOSX/set/._a.png", "set/.DS_Store", "set/._a.png", "set/Thumbs.db", "@eaDir/a.png/x.jpg"]
    if kind == "zip":
        archive = zipped(tmp_path / "a.zip", dict.fromkeys([*litter, "./set/a.png"], b"a"))
    else:
        archive = tarred(tmp_path / "a.tar.gz", *map(tar_member, [*litter, "./set/a.png"]))
    assert unpack(archive, tmp_path / "out") == {}
    assert files(tmp_path / "out") == ["set/a.png"]


def test_a_member_of_an_unknown_compression_is_left_out_and_the_rest_is_unpacked(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"a.png": b"a" * 99, "b.png": b"b" * 99})
    data = bytearray(archive.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[8], data[central + 10] = 9, 9
    archive.write_bytes(data)
    refused = unpack(archive, tmp_path / "out")
    assert files(tmp_path / "out") == ["b.png"]
    ((name, reason),) = refused.items()
    assert name.endswith("a.zip: a.png") and "unpack the archive yourself" in reason
