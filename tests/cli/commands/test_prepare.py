import io
import json
import shlex
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from s2f_cli.cli.app import app
from s2f_cli.core import registry
from s2f_cli.core.errors import DataError
from s2f_cli.data.manifest import Manifest

run = CliRunner().invoke


def folders(tmp_path: Path) -> list[str]:
    for domain in ("faces", "sketches"):
        (tmp_path / domain).mkdir()
        for number in range(10):
            image = Image.new("RGB" if domain == "faces" else "L", (30, 40), number * 20)
            image.save(tmp_path / domain / f"p{number}.png")
    return [
        "prepare",
        "folders",
        "--faces",
        str(tmp_path / "faces"),
        "--sketches",
        str(tmp_path / "sketches"),
    ]


def test_demo_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        result = run(app, ["prepare", "demo", "--count", "6", "--output", str(tmp_path / name)])
        assert result.exit_code == 0, result.stderr
    first, second = Manifest.read(tmp_path / "one"), Manifest.read(tmp_path / "two")
    assert first.digest() == second.digest()
    assert len(first.pairs("train")) == 4
    assert len(first.pairs("test")) == 2
    assert Image.open(first.path(first.entries[0], "face")).size == (256, 256)
    assert first.header.licence and first.header.source == "demo"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]


def test_images_are_copied_byte_for_byte_and_split_with_a_seed(tmp_path: Path) -> None:
    out = tmp_path / "data"
    assert run(app, [*folders(tmp_path), "-o", str(out), "--test-share", "0.3"]).exit_code == 0
    manifest = Manifest.read(out)
    assert (len(manifest.pairs("test")), len(manifest.pairs("train"))) == (3, 7)
    for entry in manifest.entries:
        assert (
            manifest.path(entry, "face").read_bytes()
            == (tmp_path / "faces" / f"{entry.name}.png").read_bytes()
        )
    assert manifest.header.command == (
        f"s2f prepare folders --faces {tmp_path}/faces --sketches {tmp_path}/sketches --test-share 0.3"
    )
    assert "seed 0" in manifest.header.split


def test_a_share_of_the_training_people_is_held_out_for_validation(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert run(app, [*folders(tmp_path), "-o", str(one), "--val-share", "0.25"]).exit_code == 0
    manifest = Manifest.read(one)
    assert [len(manifest.pairs(split)) for split in ("train", "val", "test")] == [6, 2, 2]
    rule = "random by person, test share 0.2, seed 0; of the people in train a share of 0.25 in val, seed 0"
    assert manifest.header.split == rule
    assert run(app, ["prepare", "compose", str(one), "-o", str(two), "--val-share", "0.5"]).exit_code == 0
    composed = Manifest.read(two)
    assert [len(composed.pairs(split)) for split in ("train", "val", "test")] == [3, 5, 2]
    assert {f"one-{e.name}" for e in manifest.pairs("val")} <= {e.name for e in composed.pairs("val")}


def test_an_existing_data_set_survives_a_failure(tmp_path: Path) -> None:
    out = tmp_path / "data"
    words = [*folders(tmp_path), "-o", str(out)]
    run(app, words)
    before = (out / "manifest.jsonl").read_bytes()
    refused = run(app, words)
    assert isinstance(refused.exception, DataError)
    assert "--overwrite" in refused.exception.hint
    for file in tmp_path.glob("[fs]*/*.png"):
        file.write_bytes(b"broken")
    assert run(app, [*words, "--overwrite"]).exit_code == 1
    assert (out / "manifest.jsonl").read_bytes() == before


def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "letter.txt").write_text("dear")
    result = run(app, [*folders(tmp_path), "-o", str(out), "--overwrite"])
    assert isinstance(result.exception, DataError)
    assert (out / "letter.txt").read_text() == "dear"


def test_a_bad_file_is_named_and_left_out(tmp_path: Path) -> None:
    words = [*folders(tmp_path), "-o", str(tmp_path / "data")]
    (tmp_path / "faces" / "p3.png").write_bytes(b"")
    result = run(app, words)
    assert result.exit_code == 1
    assert "p3.png is empty" in result.stderr
    manifest = Manifest.read(tmp_path / "data")
    assert len(manifest.entries) == 9
    assert [*manifest.header.left_out] == ["p3"]


def test_images_are_resized_on_request(tmp_path: Path) -> None:
    out = tmp_path / "data"
    run(app, [*folders(tmp_path), "-o", str(out), "--size", "16", "--fit", "squash"])
    manifest = Manifest.read(out)
    assert Image.open(manifest.path(manifest.entries[0], "sketch")).size == (16, 16)


@pytest.mark.parametrize(
    "option", [["--size", "3"], ["--test-share", "1.5"], ["--val-share", "-0.1"], ["--sketcher", "doge"]]
)
def test_an_invalid_option_is_an_error_that_names_it(tmp_path: Path, option: list[str]) -> None:
    result = run(app, [*folders(tmp_path), "-o", str(tmp_path / "data"), *option])
    assert result.exit_code != 0
    assert option[1] in str(result.exception)


def test_help_says_how_to_get_a_source() -> None:
    text = run(app, ["prepare", "cufs", "--help"]).stdout
    assert "Request it" in text and "mmlab.ie.cuhk.edu.hk" in text and "research only" in text
    assert "demo" in run(app, ["prepare", "--help"]).stdout


@pytest.mark.parametrize("name", registry.names("sources"))
def test_the_examples_of_a_source_parse_and_end_its_help(name: str) -> None:
    source = registry.find("sources", name)
    text = run(app, ["prepare", name, "--help"], env={"COLUMNS": "120"}).stdout
    assert source.examples
    for line in source.examples:
        assert line in text[text.index("Examples:") :]
        command, *words = shlex.split(line)[1:]
        group = typer.main.get_command(app).get_command(None, command)
        group.get_command(None, words[0]).make_context(line, words[1:]).close()


def test_an_unknown_source_is_wrong_usage_with_a_suggestion() -> None:
    result = run(app, ["prepare", "cuf"])
    assert result.exit_code == 2
    assert "did you mean 'cufs'" in result.stderr


def test_the_manifest_is_json_lines(tmp_path: Path) -> None:
    run(app, [*folders(tmp_path), "-o", str(tmp_path / "data")])
    header, *entries = (tmp_path / "data" / "manifest.jsonl").read_text().splitlines()
    assert json.loads(header)["source"] == "folders"
    assert len(entries) == 10


def names_of(folder: Path) -> set[str]:
    return {entry.name for entry in Manifest.read(folder).entries}


def zipped(file: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(file, "w") as packed:
        for number, name in enumerate(names):
            content = io.BytesIO()
            levels = np.random.default_rng(number).integers(0, 255, (9, 9), dtype=np.uint8)
            Image.fromarray(levels).save(content, "PNG")
            packed.writestr(name, content.getvalue())
    return file


def test_an_image_without_a_partner_is_named_with_the_nearest(tmp_path: Path) -> None:
    words = folders(tmp_path)
    (tmp_path / "sketches/p3.png").rename(tmp_path / "sketches/pp3.png")
    (tmp_path / "sketches/p4.png").rename(tmp_path / "sketches/P4-sketch.png")
    result = run(app, [*words, "-o", str(tmp_path / "data")])
    assert result.exit_code == 0, result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("without a partner: ")]
    assert len(lines) == 2
    assert "faces/p3.png" in lines[0] and "sketches/pp3.png" in lines[0]
    assert sum(len(entry.files) == 2 for entry in Manifest.read(tmp_path / "data").entries) == 9


def test_messages_about_archives_name_the_archive(
    s2f: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    archive = zipped(tmp_path / "set.zip", ["set/photos/a.png", "set/photos/b.png", "set/sketches/c.png"])
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("set/photos/bad.png", b"no image")
        packed.writestr("set/photos/x.psd", b"no image")
    result = run(app, ["prepare", "folders", "--faces", "set.zip", "-o", "data"])
    assert result.exit_code == 1
    assert names_of(tmp_path / "data") == {"a", "b"}
    for name in ("set/sketches", "set/photos/bad.png", "set/photos/x.psd"):
        assert f"set.zip: {name}" in result.stderr
    assert ".preparing" not in result.stderr
    empty = s2f("prepare", "cufs", zipped(tmp_path / "e.zip", ["x/y.png"]), "-o", "e")
    assert empty.code == 1 and "e.zip has no folders" in empty.err and ".preparing" not in empty.err


def test_the_output_is_not_an_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders(tmp_path)
    monkeypatch.chdir(tmp_path / "faces")
    for more in ([], ["--overwrite"]):
        result = run(app, ["prepare", "folders", "--faces", ".", *more])
        assert result.exit_code == 0, result.stderr
        assert names_of(Path("data")) == {f"p{number}" for number in range(10)}


def test_an_error_about_all_images_names_the_first(s2f: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no image")
    result = s2f("prepare", "folders", "--faces", tmp_path, "-o", tmp_path / "data")
    assert result.code == 1 and "bad.png" in result.err and "not an image" in result.err


def test_long_names_and_those_of_devices_are_prepared(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, name in enumerate(["CON", "nul.tar", "世" * 80, "n" * 245]):
        levels = np.random.default_rng(number).integers(0, 255, (9, 9), dtype=np.uint8)
        Image.fromarray(levels).save(tmp_path / f"in/{name}.png")
    result = run(app, ["prepare", "folders", "--faces", str(tmp_path / "in"), "-o", str(tmp_path / "data")])
    assert result.exit_code == 0, result.stderr
    assert names_of(tmp_path / "data") == {"_CON", "_nul.tar", "世" * 60, "n" * 120}
