import platform
import subprocess
import sys

import pytest

FAULTS = """
import mmap, resource, sys
from s2f_cli.training import allocator
if sys.argv[1] == "kept":
    allocator.keep_freed_memory()
for _ in range(20):
    block = bytearray(40 * 2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has mallopt")
def test_a_freed_block_is_used_again() -> None:
    faults = {
        how: int(subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, check=True).stdout)
        for how in ("kept", "given_back")
    }
    assert faults["kept"] < faults["given_back"] / 3


def test_where_there_is_no_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    from s2f_cli.training import allocator

    monkeypatch.setattr(allocator.platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: pytest.fail("there is none"))
    allocator.keep_freed_memory()
