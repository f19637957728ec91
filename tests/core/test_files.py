import os
from pathlib import Path

import pytest

from s2f_cli.core.errors import S2FError
from s2f_cli.core.files import atomic_file, atomic_write, remove_stale_temporaries, walk


def test_writes_bytes_and_text_with_missing_folders(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a" / "b.txt", "Größe\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "Größe\n".encode()
    atomic_write(tmp_path / "a" / "b.txt", b"\x00")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"\x00"


def test_the_old_file_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_file(target) as temporary:
        temporary.write_text("half")
        assert target.read_text() == "old"
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_suffix_is_kept_and_the_name_may_be_long(tmp_path: Path) -> None:
    with atomic_file(tmp_path / ("n" * 200 + ".png")) as temporary:
        assert temporary.suffix == ".png"
    assert (tmp_path / ("n" * 200 + ".png")).exists()


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    atomic_write(tmp_path / "file", "")
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_library_that_replaces_the_file_leaves_the_permissions(
    tmp_path: Path, mask: int, mode: int
) -> None:
    """As safetensors does, whose files only their owner may read."""
    before = os.umask(mask)
    try:
        with atomic_file(tmp_path / "model.safetensors") as temporary:
            replacement = temporary.with_suffix(".new")
            replacement.touch(0o600)
            replacement.replace(temporary)
    finally:
        os.umask(before)
    assert (tmp_path / "model.safetensors").stat().st_mode & 0o777 == mode


def test_a_target_that_cannot_be_written_is_an_error_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(S2FError, match="folder") as raised:
        atomic_write(tmp_path / "folder", "")
    assert raised.value.hint
    (tmp_path / "file").write_text("")
    for inside in ("file/inside", "file/deeper/inside"):
        with pytest.raises(S2FError, match=f"write .*{inside}: .*/file is a file, not a folder"):
            atomic_write(tmp_path / inside, "")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(S2FError, match="No space left"):
        atomic_write(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_walked_in_order_and_links_are_not_followed(tmp_path: Path) -> None:
    for name in ("b/2.png", "b/1.png", "a.png", ".hidden/x.png", "b/.y.png", "c/d/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    (tmp_path / "linked").symlink_to(tmp_path / "a.png")
    assert list(walk(tmp_path)) == [
        ("a.png", "file"),
        ("b/1.png", "file"),
        ("b/2.png", "file"),
        ("c/d/e", "file"),
        ("circle", "a link to a folder"),
        ("dead", "a link that leads nowhere"),
        ("linked", "file"),
    ]


def test_only_temporary_files_of_killed_writers_are_removed(tmp_path: Path) -> None:
    others = [tmp_path / name for name in ("last.safetensors", "samples/.tmp", "samples/.tmp1234567")]
    stale = [tmp_path / name for name in (".s2f-last.safetensors.x1.safetensors", "samples/.tmpAb3xY9")]
    (tmp_path / "samples").mkdir()
    for file in (*others, *stale):
        file.write_bytes(b"")
    remove_stale_temporaries(tmp_path)
    assert all(file.exists() for file in others) and not any(file.exists() for file in stale)
