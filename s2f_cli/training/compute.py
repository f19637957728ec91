"""Computation settings of a training: precision, gradient accumulation, determinism."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch

from s2f_cli.core.processor import native_bf16, native_fp16
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.training import allocator
from s2f_cli.training.request import Precision

_AUTOCAST_TYPES: dict[str, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class ComputeConfig:
    """Settings that change speed and memory, but not the training itself.

    precision            number format of the networks under autocast; weights and optimisers stay fp32
    accumulation_steps   micro-batches that a batch is split into; their gradients are added up, so
                         the result stays the same (except through batch norm)
    deterministic        use only operations that give the same bits every time
    compile              compile every network with `torch.compile`
    """

    precision: Precision = "fp32"
    accumulation_steps: int = 1
    deterministic: bool = False
    compile: bool = False

    def autocast(self, device: torch.device) -> AbstractContextManager[object]:
        """Return a context in which networks compute in the configured precision."""
        dtype = _AUTOCAST_TYPES.get(self.precision, torch.bfloat16)
        return torch.autocast(device.type, dtype, enabled=self.precision in _AUTOCAST_TYPES)

    def grad_scaler(self, device: torch.device) -> torch.amp.GradScaler:
        """Return the loss scaler that fp16 needs (Micikevicius et al. 2018, §3.2), disabled otherwise."""
        return torch.amp.GradScaler(device.type, enabled=self.precision == "fp16")

    def apply(self, device: torch.device) -> None:
        """Set the process-wide flags of torch, and of the memory allocator on a CPU."""
        if self.deterministic:
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(self.deterministic)
        if device.type == "cpu":
            allocator.keep_freed_memory()
        if device.type == "cuda":
            torch.backends.cudnn.benchmark = not self.deterministic
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = self.precision != "fp32"


def best_precision(device: torch.device, recipe: Recipe) -> Precision:
    """Return bf16 if the device computes in it natively, else fp32.

    On a CPU, recipes with a gradient penalty also get fp32: flat images give critics with instance norm steep
    gradients, and bfloat16 makes them steeper.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device.type != "cpu" or any("penalty" in (s.objective.model_extra or {}) for s in recipe.stages):
        return "fp32"
    return "bf16" if native_bf16() else "fp32"


def usable_precision(precision: Precision, device: torch.device) -> Precision:
    """The precision in which a training computes: fp32 in place of one that a CPU would emulate."""
    native = {"fp32": lambda: True, "bf16": native_bf16, "fp16": native_fp16}
    return precision if device.type != "cpu" or native[precision]() else "fp32"
