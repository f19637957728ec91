"""The machine that a benchmark runs on: times compare only with those of the same one."""

import platform
from dataclasses import dataclass

from s2f_cli.core import parallel


@dataclass(frozen=True)
class Machine:
    """The cores that a process may use, the processor, the GPUs and the operating system."""

    cores: int
    processor: str
    """The architecture, such as `x86_64`."""
    instructions: str
    """The vector instructions that torch computes with, such as `AVX2`."""
    gpus: tuple[str, ...]
    """The names of the GPUs that the rows may use."""
    system: str

    def __str__(self) -> str:
        """Describe it in a line: `2 cores, x86_64, AVX2`."""
        cores = f"{self.cores} core{'s' * (self.cores > 1)}"
        return ", ".join((cores, self.processor, self.instructions, *self.gpus))


def this_machine(device: str) -> Machine:
    """The machine of this process, with its GPUs unless `device` is `cpu`."""
    import torch

    count = 0 if device == "cpu" else torch.cuda.device_count()
    return Machine(
        parallel.cores(),
        platform.machine(),
        torch.backends.cpu.get_cpu_capability(),
        tuple(torch.cuda.get_device_name(number) for number in range(count)),
        platform.system(),
    )
