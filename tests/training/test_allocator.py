import platform
import subprocess
import sys

import pytest

FAULTS = """
import mmap, resource, sys
from s2f_cli.training import allocator
if sys.argv[1] == "keep":
    allocator.keep_freed_memory()
for _ in range(20):
    block = bytearray(40 * 2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has mallopt")
def test_a_freed_block_is_reused() -> None:
    faults = {
        mode: int(
            subprocess.run([sys.executable, "-c", FAULTS, mode], capture_output=True, check=True).stdout
        )
        for mode in ("keep", "default")
    }
    assert faults["keep"] < faults["default"] / 3


def test_without_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    from s2f_cli.training import allocator

    monkeypatch.setattr(allocator.platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: pytest.fail("called without glibc"))
    allocator.keep_freed_memory()
