import json
from pathlib import Path

import pytest

from s2f_cli.core.errors import RunError
from s2f_cli.training.curves import Curves, by_curve, draw

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


def test_reads_numbers_and_passes_over_a_broken_line(run: Path) -> None:
    curves = Curves.of(run)
    assert curves == {"critics/real": [(1, 0.5), (2, 0.25)], "val/ssim": [(2, 0.6)]}
    assert curves.last() == {"critics/real": 0.25, "val/ssim": 0.6}


def test_no_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"has no log\.jsonl"):
        Curves.of(tmp_path)


def test_draws_a_line_a_run_and_a_panel_a_curve(run: Path) -> None:
    panels = by_curve({"one": Curves.of(run), "two": Curves(**{"critics/real": [(1, 0.4), (2, 0.1)]})})
    assert {name: list(lines) for name, lines in panels.items()} == {
        "critics/real": ["one", "two"],
        "val/ssim": ["one"],
    }
    picture = draw(panels)
    assert picture.size == (840, 240)
    colours = {colour for _, colour in picture.crop((0, 0, 420, 240)).getcolors(maxcolors=10**6)}
    assert {(37, 99, 168), (194, 87, 26)} <= colours
