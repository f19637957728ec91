from pathlib import Path

from PIL import Image

from s2f_cli.core.image_inputs import find_inputs


def test_files_folders_and_wildcards_in_their_order(here: Path) -> None:
    for name in ("b/z.png", "b/sub/y.png", "a.png", "c-1.png", "c-2.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (2, 2)).save(name)
    Path("c-3.txt").touch()
    found = [
        (item.file.as_posix(), item.name, item.named)
        for item in find_inputs([Path(n) for n in ("b", "c-*.png", "a.png")])
    ]
    assert found == [
        ("b/sub/y.png", "sub/y.png", False),
        ("b/z.png", "z.png", False),
        ("c-1.png", "c-1.png", False),
        ("c-2.png", "c-2.png", False),
        ("a.png", "a.png", True),
    ]


def test_what_cannot_be_used_has_a_reason(here: Path) -> None:
    Path("empty").mkdir()
    Path("set.zip").touch()
    Path("link").mkdir()
    Path("link/a.png").symlink_to("nowhere.png")
    reasons = {
        str(item.file): item.reason
        for item in find_inputs([Path(n) for n in ("empty", "set.zip", "none", "link")])
    }
    assert "holds no images" in reasons["empty"]
    assert "unpack it" in reasons["set.zip"]
    assert reasons["none"] == "there is no such file or folder"
    assert "link/a.png" in reasons and "holds no images" in reasons["link"]
