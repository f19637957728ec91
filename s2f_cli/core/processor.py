"""What the processor computes natively."""

import torch


def native_bf16() -> bool:
    """Whether torch multiplies in bfloat16 with instructions of this CPU (AVX512-BF16 or AMX).

    Without them it takes several times longer than float32. `ATEN_CPU_CAPABILITY` can limit torch to AVX2.
    """
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    limited = torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2")
    return not limited and any(getattr(torch.cpu, name, bool)() for name in checks)
