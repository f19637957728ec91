"""A map on a local Ray cluster of two workers; skipped if Ray is not installed."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from s2f_cli.core import parallel, ray_cluster, requirements
from s2f_cli.core.errors import ImageError, MissingPart
from s2f_cli.core.parallel import Stop, parallel_map
from s2f_cli.core.shards import Shard


@pytest.fixture
def cluster(ray: Any) -> None:
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers cannot import this file


def double(number: int) -> int:
    if number == 7:
        raise ImageError("seven is bad", "leave it out")
    if number == 99:
        raise Stop("the disk is full")
    return 2 * number


def where(shard: Shard) -> tuple[str, str]:
    return str(shard), os.getcwd()  # noqa: PTH109


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_results_equal_those_of_local_processes(cluster: None) -> None:
    local, remote = (list(parallel_map(double, range(20), 2, engine)) for engine in ("local", "ray"))
    assert remote == local
    with pytest.raises(Stop, match="full"):
        list(parallel_map(double, [1, 99], 2, "ray"))


def test_each_core_has_a_shard_in_the_folder_of_this_process(
    cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(ray_cluster.run_shards(where, gpu=True)) == [("0/2", str(tmp_path)), ("1/2", str(tmp_path))]


def test_a_data_set_has_the_same_bytes_on_two_ray_workers_as_locally(cluster: None, tmp_path: Path) -> None:
    from s2f_cli.data.preparation import PrepareSettings, prepare
    from s2f_cli.data.sources.demo import Demo

    for engine in ("local", "ray"):
        workers = 1 if engine == "local" else 2
        prepare(Demo(12), tmp_path / engine, PrepareSettings(count=12), workers=workers, engine=engine)
    assert tree(tmp_path / "local") == tree(tmp_path / "ray")


def test_without_ray_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPart) as raised:
        next(parallel_map(double, range(parallel.FEW), 1, "ray"))
    assert raised.value.hint == requirements.install_hint("ray", "ray")
