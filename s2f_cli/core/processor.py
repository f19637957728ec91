"""What this computer computes with: its threads, the formats of its processor, and whether it has a GPU.

Imports nothing heavy, so that a command can choose before it imports a library for the computation.
"""

import ctypes
import functools
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path

_CUDA_LIBRARIES = {"win32": "nvcuda.dll"}
_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
_FP16_FLAGS = frozenset({"avx512_fp16", "amx_fp16", "asimdhp"})


def threads() -> int:
    """The threads to compute with: OMP_NUM_THREADS if it is set, else the cores that this process may use."""
    with suppress(ValueError):
        return max(int(os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]), 1)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def native_bf16() -> bool:
    """Whether torch multiplies in bfloat16 with instructions of this CPU (AVX512-BF16 or AMX).

    Without them it takes several times longer than float32. `ATEN_CPU_CAPABILITY` can limit torch to AVX2.
    """
    if sys.platform == "linux" and _BF16_FLAGS.isdisjoint(_flags()):
        return False
    import torch

    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    limited = torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2")
    return not limited and any(getattr(torch.cpu, name, bool)() for name in checks)


def native_fp16() -> bool:
    """Whether this CPU multiplies in half precision; elsewhere it takes longer than in float32."""
    return not _FP16_FLAGS.isdisjoint(_flags())


def may_have_gpu() -> bool:
    """Whether torch may find a GPU: NVIDIA's driver has one, AMD's is there, or this is Apple silicon."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return _cuda_devices() > 0 or Path("/dev/kfd").exists()


@functools.cache
def _flags() -> frozenset[str]:
    """The features of the processor that Linux lists; on Apple silicon those that all models have."""
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return frozenset({"asimdhp"})
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    listed = (line.partition(":")[2] for line in lines if line.lower().startswith(("flags", "features")))
    return frozenset(next(listed, "").split())


def _cuda_devices() -> int:
    """The devices of NVIDIA's driver; 0 without the driver."""
    try:
        driver = ctypes.CDLL(_CUDA_LIBRARIES.get(sys.platform, "libcuda.so.1"))
        count = ctypes.c_int(0)
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
            return 0
        return count.value
    except (OSError, AttributeError):
        return 0
