import json
from pathlib import Path

import pytest

from s2f_cli.core.errors import RunError
from s2f_cli.training.curves import (
    Curves,
    RunSummary,
    by_curve,
    differing_settings,
    grouped_curves,
)

LINES = [
    {"step": 1, "stage": "train", "epoch": 0, "critics/real": 0.5},
    {"step": 2, "val/ssim": 0.6},
    {"step": 2, "stage": "train", "epoch": 0, "critics/real": 0.25},
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    lines = [json.dumps(line) for line in LINES]
    (tmp_path / "log.jsonl").write_text("\n".join([*lines, '{"step": 3, "crit']))
    return tmp_path


def test_reads_numbers_and_skips_a_broken_line(run: Path) -> None:
    curves = Curves.of(run)
    assert curves == {"critics/real": [(1, 0.5), (2, 0.25)], "val/ssim": [(2, 0.6)]}
    assert curves.last() == {"critics/real": 0.25, "val/ssim": 0.6}


@pytest.mark.parametrize(
    "line", [b"1.5", b"null", b"[" * 3000, b"\xff", b'{"val/ssim": 1}', b'{"step": "2", "val/ssim": 1.0}']
)
def test_lines_that_are_no_records_of_a_step_are_skipped(run: Path, line: bytes) -> None:
    (run / "log.jsonl").write_bytes(line + b'\n{"step": 2, "val/ssim": 0.5}\n')
    assert Curves.of(run) == {"val/ssim": [(2, 0.5)]}
    assert grouped_curves(run) == {"ssim on val by step": {"mean": [(2, 0.5)]}}


def test_no_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"has no log\.jsonl"):
        Curves.of(tmp_path)


def test_curves_are_regrouped_by_name(run: Path) -> None:
    curves = by_curve({"one": Curves.of(run), "two": Curves(**{"critics/real": [(1, 0.4), (2, 0.1)]})})
    assert {name: list(lines) for name, lines in curves.items()} == {
        "critics/real": ["one", "two"],
        "val/ssim": ["one"],
    }


def test_losses_are_grouped_by_player_and_scores_by_metric(run: Path) -> None:
    assert grouped_curves(run) == {
        "critics: losses by step": {"real": [(1, 0.5), (2, 0.25)]},
        "ssim on val by step": {"mean": [(2, 0.6)]},
    }


def test_a_run_is_summarised_before_and_after_its_first_log(tiny_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "run.json").write_bytes((tiny_run / "run.json").read_bytes())
    assert RunSummary.of(folder).step == 0
    (folder / "log.jsonl").write_bytes((tiny_run / "log.jsonl").read_bytes())
    summary = RunSummary.of(folder)
    assert (summary.recipe, summary.step, summary.seed) == ("tiny", 6, 0)
    assert summary.last == Curves.of(tiny_run).last()


def test_settings_that_differ_are_compared(tiny_run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    document = json.loads((tiny_run / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(document | {"seed": 7}))
    assert differing_settings([tiny_run, other]) == {"seed": ["0", "7"]}
