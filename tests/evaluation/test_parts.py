"""Evaluations by several machines."""

import json
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.core.shards import Shard
from s2f_cli.evaluation import measurement
from s2f_cli.evaluation.evaluator import evaluate

METRICS = ["ssim", "psnr", "fd_hog"]


@pytest.fixture
def scores(tmp_path: Path, make_data, monkeypatch: pytest.MonkeyPatch):
    """Evaluates a folder of images, one of which is unreadable, in blocks of two."""
    monkeypatch.setattr(measurement, "BLOCK", 2)
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "cache"))
    data = make_data(tmp_path / "data", size=32, test=(5, 5))
    generated, reference = data / "test/face", data / "test/sketch"
    (reference / "broken.png").write_bytes(b"no image")

    def run(**options: object) -> str:
        result = evaluate(generated, metrics=METRICS, reference=reference, control=True, **options)
        left_out = [dict(entry.left_out) for entry in result]
        return json.dumps([result.as_json(), left_out])

    return run


def test_merged_shards_give_the_scores_of_one_machine(scores, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    one = scores()
    assert "broken.png" in one and "fd_hog" in one
    scores(parts=parts, shard=Shard(0, 2))
    with pytest.raises(DataError, match=r"\d of \d parts of .* are not in"):
        scores(parts=parts)
    scores(parts=parts, shard=Shard(1, 2))
    assert scores(parts=parts) == one


def test_a_shard_continues_and_a_damaged_part_is_named(scores, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    scores(parts=parts, shard=Shard(0, 1))
    first, second = sorted(parts.glob("*/*.npz"))[:2]
    times = first.stat().st_mtime_ns
    second.unlink()
    scores(parts=parts, shard=Shard(0, 1))
    assert first.stat().st_mtime_ns == times and second.is_file()
    second.write_bytes(b"damaged")
    with pytest.raises(DataError, match="cannot be read"):
        scores(parts=parts)
