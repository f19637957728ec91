"""The kit that trains both directions on another machine, with small networks and drawn faces."""

import importlib.util
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from s2f_cli.data.manifest import Manifest
from s2f_cli.models import bundle

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SMALL = ["image.size=32", "batch_size=2", "networks.to_face.features=4", "networks.to_sketch.features=4"]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_kit_is_packed_and_trained_from(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(sys, "path", sys.path.copy())
    folder, out = tmp_path / "kit", tmp_path / "out"
    recipes = ["--sketch-recipe", "unet-pairs", "--face-recipe", "unet-pairs"]
    script("gpu_pack").main(
        [str(folder), *recipes, "--to-sketch", str(data), "--to-face", str(data), "--no-wheels"]
    )
    packed = list((folder / "images").iterdir())
    assert {file.suffix for file in packed} == {".webp"} and not (folder / "site.tar.xz").exists()
    train = [str(folder), str(out), *recipes, "--device", "cpu", "--minutes", "0.005"]
    script("gpu_train").main([*train, "--order", "face", "--set-face", *SMALL])
    printed = capsys.readouterr().out
    assert f"unet-pairs: {len(packed) // 2} pairs" in printed and "s a step" in printed
    networks, card = bundle.load(out / "unet-pairs.safetensors")
    assert card.recipe.image.size == 32 and set(networks.directions) == {"face", "sketch"}
    assert (out / "unet-pairs.log.jsonl").stat().st_size


def test_a_full_kit_leaves_pairs_out(data: Path, tmp_path: Path, capsys) -> None:
    recipes = ["--sketch-recipe", "unet-pairs", "--face-recipe", "unet-pairs"]
    sets = ["--to-sketch", str(data), "--to-face", str(data)]
    script("gpu_pack").main([str(tmp_path / "kit"), *recipes, *sets, "--no-wheels", "--megabytes", "0.0001"])
    assert "pairs left out: the kit is full" in capsys.readouterr().out


def test_a_benchmark_kit_is_packed_and_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The benchmark itself is replaced: tests/cli/commands/benchmark has its tests."""
    monkeypatch.setattr(sys, "path", sys.path.copy())
    kit, out = tmp_path / "kit", tmp_path / "out"
    benchmark = script("gpu_benchmark")
    assert benchmark.main(["pack", str(kit), "--data", str(data), "--size", "16", "--no-wheels"]) == 0
    packed, source = Manifest.read(kit / "data" / data.name), Manifest.read(data)
    assert [(e.name, e.split) for e in packed.entries] == [(e.name, e.split) for e in source.entries]
    assert all(packed.path(entry, "sketch").is_file() for entry in packed.entries)

    class Done:
        returncode = 0

        def __init__(self, command: list[str], env: dict[str, str]) -> None:
            bench = Path(command[command.index("--output") + 1])
            (bench / "logs").mkdir(parents=True)
            (bench / "logs/row.txt").write_text(" ".join(command))
            (bench / "table.md").write_text("a table")
            (bench / "rows.json.gz").write_bytes(b"rows")

        def wait(self, seconds: float = 0) -> None:
            pass

    monkeypatch.setattr(benchmark.subprocess, "Popen", Done)
    rest = ["--minutes", "2", "--overhead", "10", "--", "--device", "cpu"]
    assert benchmark.main(["run", str(kit), str(out), "one", "two", *rest]) == 0
    assert (out / "table.md").read_text() == "a table" and (out / "rows.json.gz").read_bytes() == b"rows"
    with tarfile.open(out / "rows.tar.xz") as archive:
        line = archive.extractfile("logs/row.txt").read().decode()  # type: ignore[union-attr]
    assert "benchmark one two" in line and f"--budget {(120 - 15) // 2 - 10}s" in line
    assert line.endswith("--seeds 1 --device cpu")
