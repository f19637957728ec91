"""Says at the end of a pytest run how much memory each worker used at most, and in which test."""

import sys
from typing import Any

import pytest

_peak: dict[str, Any] = {"gigabytes": 0.0, "test": "-"}
_workers: dict[str, dict[str, Any]] = {}


def _gigabytes() -> float:
    try:
        import resource
    except ImportError:  # on Windows
        return 0.0
    unit = 2**30 if sys.platform == "darwin" else 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def pytest_runtest_logfinish(nodeid: str) -> None:
    gigabytes = _gigabytes()
    if gigabytes > _peak["gigabytes"]:
        _peak.update(gigabytes=gigabytes, test=nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peak"] = _peak


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    # A worker that crashed has no output.
    _workers[node.gateway.id] = getattr(node, "workeroutput", {}).get("peak", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for worker, peak in (_workers or {"this process": _peak}).items():
        if peak:
            terminalreporter.line(f"peak memory of {worker}: {peak['gigabytes']:.2f} GB, in {peak['test']}")
