"""Files by URL, in fsspec's store in memory."""

from pathlib import Path

import pytest

from s2f_cli.core import remote
from s2f_cli.core.errors import S2FError

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def store():
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("s3://bucket/photos/", "s3://bucket/photos"),
        (Path("s3://bucket/photos"), "s3://bucket/photos"),
        (Path("hf://datasets/a/b"), "hf://datasets/a/b"),
    ],
)
def test_urls_are_known_also_as_paths(path: Path | str, url: str) -> None:
    assert remote.is_url(path) and remote.url_of(path) == url


@pytest.mark.parametrize("path", ["photos/a.png", "C:/photos", "/s3://x", "s3:photos", "-", "a b://c"])
def test_paths_are_no_urls(path: str) -> None:
    assert not remote.is_url(Path(path))


def test_files_are_copied_both_ways(store, tmp_path: Path) -> None:
    (tmp_path / "from/deep").mkdir(parents=True)
    (tmp_path / "from/deep/a.txt").write_text("a")
    (tmp_path / "from/b.txt").write_text("b")
    remote.upload(tmp_path / "from", ["deep/a.txt", "b.txt"], "memory://bucket/x")
    assert remote.files("memory://bucket/x") == ["b.txt", "deep/a.txt"]
    assert remote.files("memory://bucket/x/b.txt") == [""]
    remote.download("memory://bucket/x", ["deep/a.txt"], tmp_path / "to")
    assert (tmp_path / "to/deep/a.txt").read_text() == "a"


def test_what_is_missing_or_unknown_is_named(store, tmp_path: Path) -> None:
    assert not remote.exists("memory://nowhere")
    with pytest.raises(S2FError, match="cannot open nosuch://x"):
        remote.files("nosuch://x")
    with pytest.raises(S2FError, match="cannot read memory://bucket"):
        remote.download("memory://bucket", ["gone"], tmp_path)
