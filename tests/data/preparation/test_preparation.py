"""A data set from start to end: interrupted, resumed, on a full disk, with duplicates across its split."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.core.parallel import Stop
from s2f_cli.data.manifest import Manifest
from s2f_cli.data.preparation import Preparation, PrepareSettings, render_item
from s2f_cli.data.sources._drawn_face import draw
from s2f_cli.data.sources._looks import looks
from s2f_cli.data.sources.folders import Folders


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    for number in range(10):
        draw(looks(0, number)).resize((64, 64)).save(folder / f"{number}.png")
    return folder


def prepared(source: Folders, output: Path, settings: PrepareSettings | None = None) -> Manifest:
    work = Preparation(source, output, settings or PrepareSettings())
    work.plan()
    for _ in work.run(workers=1):
        pass
    work.finish()
    return Manifest.read(output)


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_an_interrupted_run_goes_on_and_ends_the_same(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = prepared(Folders(faces), tmp_path / "whole")
    first = Preparation(Folders(faces), tmp_path / "resumed", PrepareSettings())
    assert first.plan() == 10
    running = first.run(workers=1)
    for _ in range(4):
        next(running)
    running.close()
    first.close()
    made = []
    monkeypatch.setattr(
        render_item, "thumb", lambda image, real=render_item.thumb: made.append(1) or real(image)
    )
    assert prepared(Folders(faces), tmp_path / "resumed").digest() == whole.digest()
    assert len(made) == 6
    assert tree(tmp_path / "whole") == tree(tmp_path / "resumed")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["resumed", "whole"]


def test_a_file_that_changed_meanwhile_is_made_again(faces: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(faces, own)
    first = Preparation(Folders(own), tmp_path / "out", PrepareSettings())
    first.plan()
    assert len(list(first.run(workers=1))) == 10
    first.close()
    draw(looks(5, 5)).save(own / "0.png")
    (own / "1.png").unlink()
    made = prepared(Folders(own), tmp_path / "out")
    assert len(made.entries) == 9
    entry = next(e for e in made.entries if e.name == "0")
    assert made.path(entry, "face").read_bytes() == (own / "0.png").read_bytes()
    assert not list((tmp_path / "out").rglob("1.png"))


def test_nothing_stays_of_a_split_that_an_item_has_left(tmp_path: Path) -> None:
    """People are drawn anew when the source has changed meanwhile."""
    own = tmp_path / "own"
    own.mkdir()
    for number in range(4):
        draw(looks(0, number)).resize((32, 32)).save(own / f"{number}.png")
    first = Preparation(Folders(own), tmp_path / "out", PrepareSettings(test_share=0.5))
    first.plan()
    assert len(list(first.run(workers=1))) == 4
    first.close()
    for number in range(4, 12):
        draw(looks(0, number)).resize((32, 32)).save(own / f"{number}.png")
    made = prepared(Folders(own), tmp_path / "out", PrepareSettings(test_share=0.5))
    files = [file for file in tree(tmp_path / "out") if file.endswith(".png")]
    assert sorted(files) == sorted(entry.files["face"] for entry in made.entries)
    assert len(files) == 12


SLOWLY = """
import sys, time
from pathlib import Path
from s2f_cli.preparation import Preparation, Settings
from s2f_cli.sources.folders import Folders
work = Preparation(Folders(Path(sys.argv[1])), Path(sys.argv[2]), Settings())
work.plan()
for _ in work.run(workers=1):
    print("made", flush=True)
    time.sleep(60 if work.done == 4 else 0)
"""


def test_a_kill_is_survived(faces: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SLOWLY, str(faces), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        for _ in range(4):
            assert process.stdout.readline() == b"made\n"
        os.kill(process.pid, signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    work = Preparation(Folders(faces), tmp_path / "out", PrepareSettings())
    work.plan()
    assert len(list(work.run(workers=1))) == 6
    work.finish()
    assert Manifest.read(tmp_path / "out").digest() == prepared(Folders(faces), tmp_path / "plain").digest()


def test_a_full_disk_stops_and_the_same_command_goes_on(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Preparation(Folders(faces), tmp_path / "out", PrepareSettings())
    work.plan()
    running = work.run(workers=1)
    next(running)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(Stop, match="No space left"):
        patched.setattr(Path, "write_bytes", full)
        next(running)
    work.close()
    assert len(prepared(Folders(faces), tmp_path / "out").entries) == 10


def test_duplicates_across_the_split_are_left_out_of_training(faces: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(faces, own)
    plain = prepared(Folders(own), tmp_path / "plain")
    tested = plain.having("test", "face")[0]
    trained = plain.having("train", "face")[0]
    for number in range(6):
        shutil.copy(own / f"{tested.name}.png", own / f"copy-{number}.png")
    Image.open(own / f"{trained.name}.png").convert("L").save(own / "gray.png")
    made = prepared(Folders(own), tmp_path / "made")
    told = made.header.duplicates
    across = [e for e in made.entries if e.split == "train" and e.name.startswith("copy")]
    assert not across
    assert any("left out of train" in line and "equal to" in line for line in told.values())
    assert any("nearly equal" in line for line in told.values())
    files = {p.stem for p in (tmp_path / "made").rglob("*.png")}
    assert files == {e.name for e in made.entries}
    everyone = prepared(Folders(own), tmp_path / "ignored", PrepareSettings(duplicates="ignore"))
    assert len(everyone.entries) == 17
    once = prepared(Folders(own), tmp_path / "once", PrepareSettings(duplicates="all"))
    assert len(once.entries) == 10


def test_sketches_are_drawn_and_faces_aligned_on_request(faces: Path, tmp_path: Path) -> None:
    made = prepared(Folders(faces), tmp_path / "drawn", PrepareSettings(sketcher="report_b", size=32))
    assert all(set(e.files) == {"face", "sketch"} for e in made.entries)
    (tmp_path / "big").mkdir()
    draw(looks(0, 1)).save(tmp_path / "big" / "a.png")
    Image.new("RGB", (90, 90)).save(tmp_path / "big" / "b.png")
    aligned = prepared(
        Folders(tmp_path / "big"), tmp_path / "aligned", PrepareSettings(align="cufs", size=100)
    )
    (entry,) = aligned.entries
    assert Image.open(aligned.path(entry, "face")).size == (100, 125)
    assert entry.alignment["face"].confidence and entry.alignment["face"].confidence > 0
    assert "no face" in aligned.header.left_out["b"]


def test_eyes_by_hand_are_a_way_out(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    draw(looks(0, 1)).save(folder / "a.png")
    Image.new("RGB", (90, 90), "gray").save(folder / "b.png")
    table = tmp_path / "eyes.csv"
    table.write_text("file,left_x,left_y,right_x,right_y\nfaces/b.png,30,40,50,40\nc.png,1,1,2,2\n")
    without = prepared(Folders(folder), tmp_path / "without", PrepareSettings(align="report-b"))
    assert "--eyes" in without.header.left_out["b"]
    made = prepared(Folders(folder), tmp_path / "with", PrepareSettings(align="report-b", eyes=table))
    assert made.header.left_out == {f"{table}, line 3": "there is no picture c.png"}
    entries = {entry.name: entry.alignment["face"] for entry in made.entries}
    assert entries["b"].confidence is None and entries["b"].left_eye == (30, 40)
    assert entries["a"].confidence is not None
    with pytest.raises(DataError, match="--eyes does nothing without --align"):
        PrepareSettings(eyes=table)


def test_an_archive_is_a_folder_too(faces: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "faces"), "zip", faces)
    made = prepared(Folders(Path(archive)), tmp_path / "out")
    assert made.digest() == prepared(Folders(faces), tmp_path / "plain").digest()
