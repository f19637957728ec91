"""What every test needs of its process; fixtures that are shared by folders are in `helpers`."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from s2f_cli.core import freed_memory

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported; pytest-xdist uses the cores
gc.set_threshold(20_000, 20, 20)  # by default, garbage collection takes an eighth of the tests' time

pytest_plugins = ["peak_memory", "running_s2f", "tiny"]

MUCH = 100_000_000
"""Bytes that a test may leave before free memory is returned to the system."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests that need much memory first, while the process holds little."""
    items.sort(key=lambda item: item.get_closest_marker("much_memory") is None)


@pytest.fixture(scope="session")
def _resident() -> list[int]:
    """The bytes that the process held when its free memory was last returned."""
    return [0]


@pytest.fixture(autouse=True)
def _freed_memory(_resident: list[int]) -> Iterator[None]:
    """Return free memory after a test that took much: a training makes the process keep what it frees."""
    yield
    process = psutil.Process()
    if process.memory_info().rss > _resident[0] + MUCH:
        gc.collect()
        freed_memory.return_to_system()
        _resident[0] = process.memory_info().rss


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """The package ray, connected to a cluster of two nodes with a core each; skips if it is not installed."""
    package = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    started = Cluster()
    for _ in range(2):
        started.add_node(num_cpus=1)
    package.init(address=started.address, log_to_driver=False)
    yield package
    package.shutdown()
    started.shutdown()
