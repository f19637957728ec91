import json
from pathlib import Path

import pytest

from s2f_cli.core.errors import RunError
from s2f_cli.training.curves import Curves, by_curve, grouped_curves

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
