"""How a training computes, as far as that does not decide what is trained: precision, parts of a batch."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import torch

from s2f_cli import heap

Precision = Literal["fp32", "bf16", "fp16"]
_CASTS: dict[str, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Arithmetic:
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
            heap.keep_freed()
        if device.type == "cuda":
            torch.backends.cudnn.benchmark = not self.deterministic
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = self.precision != "fp32"


def best_precision(device: torch.device) -> Precision:
    """bf16 on a GPU that has it, else fp32."""
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "fp32"
