"""The contract of an engine: what runs the networks of a model, with NumPy arrays in and out."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from s2f_cli.models.domains import Domain

Array: TypeAlias = npt.NDArray[np.float32]
"""A batch (N, C, H, W), with levels in [-1, 1], or condition vectors (N, K)."""

EngineName = Literal["onnx", "torch"]
EngineChoice = Literal["auto", "onnx", "torch"]
"""An engine; `auto` is ONNX Runtime where the model has an ONNX graph and torch has no GPU."""
ENGINE_TITLES: dict[EngineName, str] = {"onnx": "ONNX Runtime", "torch": "PyTorch"}

ChainKind = Literal["directions", "refinements", "reconstructions"]
"""A table of chains of a recipe, from images to images."""


@dataclass(frozen=True)
class ChainTraits:
    """How to call the networks of a chain."""

    multiple: int = 1
    """Heights and widths are multiples of this number of pixels."""
    size: int | None = None
    """The side of the only squares it takes, in pixels; None if it takes all multiples."""
    stochastic: bool = False
    """Whether it draws random numbers."""
    weights: int = 0
    """The number of its weights."""


class Engine(Protocol):
    """The networks of a model in memory."""

    @property
    def name(self) -> EngineName:
        """Its name."""

    @property
    def device(self) -> str:
        """Where it computes: `cpu`, `cuda:0` or `mps`."""

    @property
    def precision(self) -> Literal["fp32", "fp16", "bf16", "int8"]:
        """The format in which it computes, or mostly does so."""

    @property
    def parallel(self) -> int:
        """The number of images that it computes at the same time, each in a thread of its own."""

    def domains(self, kind: ChainKind | Literal["samples"]) -> tuple[Domain, ...]:
        """The domains that have a chain in a table; `samples` generates images from noise."""

    def traits(self, kind: ChainKind, domain: Domain) -> ChainTraits:
        """How to call the chain of a domain in a table."""

    def run(
        self,
        kind: ChainKind,
        domain: Domain,
        batch: Array,
        conditions: Array | None = None,
        *,
        seed: int = 0,
        mean: bool = False,
    ) -> Array:
        """Run (N, C, H, W) through the chain of a domain; returns (N, C', H', W').

        For a refinement, the channels are those of the source, then those of the enlarged translation. A
        model with conditions needs their vectors (N, K), or (1, K) for all. Random numbers depend on the
        seed only; with `mean` a stochastic network returns its mean instead.
        """

    def free_memory(self) -> int:
        """The free memory of its device, in bytes."""
