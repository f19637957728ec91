"""Freed memory returns to the system."""

import sys

import pytest

from s2f_cli.core import freed_memory


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_a_c_library_without_the_function_is_left_alone(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Library:
        def __init__(self, name: None) -> None:
            assert sys.platform == "linux"

    freed_memory._trim.cache_clear()
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(freed_memory.ctypes, "CDLL", Library)
    assert freed_memory._trim() is None
    freed_memory.return_to_system()
    freed_memory._trim.cache_clear()
