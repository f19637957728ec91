"""Defaults of options in the user's file and in pyproject.toml, and `s2f config`."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, beside an empty working directory."""
    (tmp_path / "work").mkdir()
    (tmp_path / "config").mkdir()
    monkeypatch.setenv("S2F_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "config/config.toml"


def test_defaults_are_listed_with_their_files(s2f, mine: Path) -> None:
    mine.write_text('[translate]\nstyle = "bold"\nno-align = true\n[runs.list]\njson = true\n')
    Path("pyproject.toml").write_text('[tool.s2f.translate]\nstyle = "outline"\n')
    shown = s2f("config").lines
    assert shown[0] == f's2f translate: style = "bold"  [{mine}] (another file replaces it)'
    assert shown[2:] == [
        f"s2f runs list: json = true  [{mine}]",
        's2f translate: style = "outline"  [pyproject.toml]',
    ]
    listed = json.loads(s2f("config", "--json").out)
    assert [entry["used"] for entry in listed["defaults"]] == [False, True, True, True]
    assert listed["files"] == [
        {"file": str(mine), "exists": True},
        {"file": "pyproject.toml", "exists": True},
    ]


def test_defaults_are_those_of_the_command_and_options_replace_them(s2f, mine: Path) -> None:
    mine.write_text("[doctor]\njson = true\n")
    assert isinstance(json.loads(s2f("doctor").out), list)
    mine.write_text('[translate]\nto = "face"\nformat = "svg"\n')
    assert "an SVG holds lines" in s2f("translate", "none.png").err
    assert "an SVG holds lines" not in s2f("translate", "none.png", "--format", "png").err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[translat]\nstyle = "a"\n', "there is no command 'translat'"),
        ("[translate]\nstyel = 1\n", "there is no option of `s2f translate` 'styel'"),
        ('style = "bold"\n', "style is in no table of a command"),
        ("[translate\n", "cannot be read"),
    ],
)
def test_mistakes_are_named_with_the_file(s2f, mine: Path, text: str, message: str) -> None:
    mine.write_text(text)
    shown = s2f("doctor")
    assert shown.code == 1
    assert message in shown.err and str(mine) in shown.err and "hint:" in shown.err


def test_values_are_checked_like_those_of_options(s2f, mine: Path) -> None:
    mine.write_text('[translate]\nto = "face"\nsamples = "x"\n')
    shown = s2f("translate", "none.png")
    assert shown.code == 2 and "--samples" in shown.err


def test_without_files_there_are_no_defaults(s2f, mine: Path) -> None:
    shown = s2f("config")
    assert (shown.code, shown.out) == (0, "") and str(mine) in shown.err


def test_gates_of_pyproject_are_listed_and_replace_those_of_the_user(
    s2f, mine: Path, make_data, tiny_run: Path
) -> None:
    mine.write_text('[evaluate]\nmetric = "mse"\ndevice = "cpu"\n')
    Path("pyproject.toml").write_text('[tool.s2f.evaluate]\nmetric = "ssim"\nfail-under = {ssim = 0.5}\n')
    assert s2f("config").lines == [
        f's2f evaluate: metric = "mse"  [{mine}] (another file replaces it)',
        f's2f evaluate: device = "cpu"  [{mine}]',
        's2f evaluate: metric = "ssim"  [pyproject.toml]',
        's2f evaluate: fail-under = {"ssim": 0.5}  [pyproject.toml]',
    ]
    make_data(Path("data"), size=16, test=(2, 2))
    (scored,) = json.loads(s2f("evaluate", tiny_run, "--to", "sketch", "--json").out)["results"]
    assert list(scored["scores"]) == ["ssim"]


def test_versions_as_json(s2f, mine: Path) -> None:
    versions = json.loads(s2f("--version", "--json").out)
    assert versions["s2f"] == s2f("--version").out.split()[1]
    assert versions["packages"]["numpy"]
    refused = s2f("--json", "doctor")
    assert refused.code == 2 and "--version" in refused.err


def test_an_error_names_the_file_that_sets_the_wrong_value(s2f, mine: Path) -> None:
    Path("pyproject.toml").write_text('[tool.s2f.translate]\nto = "photo"\n')
    hint = s2f("translate", "none.png").err.splitlines()[-1]
    assert hint == 'hint: see `s2f translate --help`; pyproject.toml sets to = "photo"'
    Path("pyproject.toml").write_text('[tool.s2f.train]\ndata = "missing"\n')
    assert s2f("train", "conv-ae").err.endswith('; pyproject.toml sets data = "missing"\n')
    assert "sets data" not in s2f("evaluate", "--data", "missing").err
