import io
import json
import re
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console

from s2f_cli.cli import console
from s2f_cli.core.errors import RunError, S2FError


def test_an_error_is_two_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_error(RunError("there is no run in [bold]here[/]", "start one"))
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: there is no run in [bold]here[/]\nhint: start one\n")


def test_an_error_without_a_hint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_error(S2FError("no"))
    assert capsys.readouterr().err == "error: no\n"


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\x1b[31mb", "a\u202eb", "a\udce9b"])
def test_names_cannot_break_a_line_or_write_to_the_terminal(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    console.print_error(S2FError(f"{name} is bad", f"rename {name}"))
    console.say(f"skipping {name}")
    with pytest.raises(typer.Exit):
        console.end_batch({name: "empty"})
    err = capsys.readouterr().err
    assert name not in err
    assert err.count("\n") == 4
    assert err.isprintable() or all(c.isprintable() or c == "\n" for c in err)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_results_are_printed_above_the_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, stdout = Terminal(), Terminal()
    monkeypatch.setattr(console, "err", Console(file=screen, force_terminal=True, width=80, soft_wrap=True))
    monkeypatch.setattr(sys, "stdout", stdout)
    with console.progress() as bar:
        bar.add_task("working", total=2)
        console.print_path(Path("x" * 100))
        console.print_json_line({"input": "[b]é"})
    console.print_path(Path("after"))
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).replace("\r", "\n").splitlines()
    assert "x" * 100 in lines and '{"input": "[b]é"}' in lines
    assert stdout.getvalue() == "after\n"


def test_long_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("word " * 100)
    console.print_error(S2FError("x" * 500))
    assert capsys.readouterr().err.count("\n") == 2


def terminal(monkeypatch: pytest.MonkeyPatch, name: str, width: int = 40) -> io.StringIO:
    """Replace a console by one of a terminal; returns what it prints."""
    screen = io.StringIO()
    console_ = type(console.out)(
        file=screen, force_terminal=True, width=width, soft_wrap=True, color_system=None
    )
    monkeypatch.setattr(console, name, console_)
    return screen


def test_a_terminal_breaks_lines_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch, "err")
    console.print_error(S2FError("word " * 20, "known: " + "conv-ae, " * 20))
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    assert max(map(len, lines)) <= 40
    assert " ".join(lines).split() == ["error:", *["word"] * 20, "hint:", "known:", *["conv-ae,"] * 20]


@pytest.mark.parametrize("width", [60, 80])
def test_a_table_of_lines_has_one_line_a_row(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ("0001-conv-ae", "11-28 15:50", "finished", "2/2", ""),
        ("long-" * 12, "11-28", "running", "3", "1 x"),
    ]
    columns = ("run", "changed", "state", "steps", "best score")
    screen = terminal(monkeypatch, "out", width)
    console.print_lines(columns, rows)
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    assert len(lines) == 3 and max(map(len, lines)) <= width
    assert all(word in line for word, line in zip(("best score", "2/2", "…"), lines, strict=True))


def test_a_table_for_another_program_is_not_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_lines(("run", "changed", "state"), [("long-" * 20, "11-28 15:50", "finished")])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["run", "changed", "state"],
        ["long-" * 20, "11-28", "15:50", "finished"],
    ]


def test_a_batch_names_each_failure_once_and_exits_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        console.end_batch({"a.png": "a.png is empty", "b.png": "it is a folder"})
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "left out: a.png is empty\nleft out: b.png: it is a folder\n"


def test_a_batch_without_failures_prints_nothing_and_does_not_exit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.end_batch({})
    assert capsys.readouterr() == ("", "")


def test_json_is_printed_on_stdout_without_markup_or_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"name": "[red]é 脸", "scores": [1.5, None]}
    console.print_json(value)
    out, err = capsys.readouterr()
    assert json.loads(out) == value and "é 脸" in out and not err


def test_a_markdown_table_aligns_numbers_right() -> None:
    assert console.markdown(("a", "b"), [("x", "1"), ("y", "2")]).splitlines() == [
        "| a | b |",
        "| --- | ---: |",
        "| x | 1 |",
        "| y | 2 |",
    ]


def test_a_table_does_not_interpret_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console.out.print(console.table("", ("name", "value"), [("[bold]x[/]", "1")]))
    assert "[bold]x[/]" in capsys.readouterr().out


@pytest.mark.parametrize(("value", "on"), [("", False), ("0", False), ("1", True)])
def test_the_environment_variable_enables_debugging(
    value: str, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S2F_DEBUG", value)
    assert console.debugging() is on


@pytest.mark.parametrize("name", ["1", "a", "in/a", ":cat:.png", "[red]x[/].png", "a.png", "back\\"])
def test_a_name_never_disappears_from_a_message(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    console.print_failures({name: "ba.png has 21 values; in/a.png is not in/alpha"})
    assert capsys.readouterr().err.startswith(f"left out: {name}: ")


def test_a_reason_that_names_the_file_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_failures({"in/a.png": "there is no file in/a.png"})
    assert capsys.readouterr().err == "left out: there is no file in/a.png\n"


def test_names_cannot_break_a_markdown_table():
    rows = [["a|b", "1"], ["a\nb", "2"], ["back\\|slash", "3"], ["<b>`code`", "4"]]
    lines = console.markdown(["", "m|x"], rows).splitlines()
    assert len(lines) == 6
    for line in lines:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3
    assert "\\<b>\\`code\\`" in lines[-1]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0.4, "0 s"), (89, "89 s"), (100, "2 min"), (3500, "58 min")),
        *((3600, "1 h"), (7500, "2 h 5 min"), (30 * 3600 + 300, "1 day 6 h"), (48 * 3600, "2 days")),
    ],
)
def test_durations_are_rounded(seconds: float, text: str) -> None:
    assert console.duration(seconds) == text
