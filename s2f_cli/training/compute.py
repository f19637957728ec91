"""How a training computes, as far as that does not decide what is trained: precision, parts of a batch."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import torch

from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.training import allocator

Precision = Literal["fp32", "bf16", "fp16"]
_CASTS: dict[str, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class ComputeConfig:
    """`precision`: what networks compute in, by autocast; weights and optimisers are fp32 in any case.

    `pieces`: a batch goes through the networks in so many parts, whose gradients are added up (gradient
    accumulation); the batch and the result stay the same, batch norm excepted. `deterministic`: only
    operations that give the same bits each time. `compile`: torch.compile for every network.
    """

    precision: Precision = "fp32"
    pieces: int = 1
    deterministic: bool = False
    compile: bool = False

    def cast(self, device: torch.device) -> AbstractContextManager[object]:
        """Autocast to the precision, for one block."""
        kind = _CASTS.get(self.precision, torch.bfloat16)
        return torch.autocast(device.type, kind, enabled=self.precision in _CASTS)

    def scaler(self, device: torch.device) -> torch.amp.GradScaler:
        """What keeps fp16's small gradients from vanishing (Micikevicius et al. 2018, §3.2); else idle."""
        return torch.amp.GradScaler(device.type, enabled=self.precision == "fp16")

    def settle(self, device: torch.device) -> None:
        """Set what holds for the whole process: operations deterministic or fast, freed memory kept."""
        if self.deterministic:
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(self.deterministic)
        if device.type == "cpu":
            allocator.keep_freed_memory()
        if device.type == "cuda":
            torch.backends.cudnn.benchmark = not self.deterministic
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = self.precision != "fp32"


def best_precision(device: torch.device, recipe: Recipe) -> Precision:
    """bf16 where the device computes in it natively, else fp32.

    On a processor fp32 also for a recipe that penalises gradients: flat images make critics with instance
    norm steep, and bfloat16 makes them steeper.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device.type != "cpu" or any("penalty" in (s.objective.model_extra or {}) for s in recipe.stages):
        return "fp32"
    return "bf16" if _native_bf16() else "fp32"


def _native_bf16() -> bool:
    """Whether this processor multiplies in bfloat16 (AVX512-BF16 or AMX)."""
    known = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in known)
