"""Runs the networks of a model in PyTorch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import torch

from s2f_cli.core import registry
from s2f_cli.core.errors import S2FError, first_line
from s2f_cli.inference import pixel_budget
from s2f_cli.inference.engine import Array, ChainKind, ChainTraits, EngineName
from s2f_cli.inference.options import InferencePrecision
from s2f_cli.models import bundle
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain, other
from s2f_cli.models.networks import Stochastic
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.models.roles import Networks


def choose_device(name: str = "auto") -> torch.device:
    """Return the device called `cpu`, `cuda:1`, `mps` …; `auto` is the first GPU, or the CPU without one.

    Raises S2FError if there is no such device, or it cannot be used.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(name)
    try:
        device = torch.device(name)
    except RuntimeError:
        hint = registry.did_you_mean(name, ["auto", "cpu", "cuda", "mps"])
        raise S2FError(f"there is no device {name!r}", hint) from None
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = first_line(error).rstrip(".")
        raise S2FError(f"the device {name!r} cannot be used: {reason}", "try --device cpu") from None
    return device


def of_bundle(
    path: Path,
    device: str = "auto",
    precision: InferencePrecision = "fp32",
    threads: int | None = None,
) -> tuple["TorchEngine", Card]:
    """Run the networks of a bundle, with channels last, which is the faster layout for a translation.

    Returns the engine and the card; raises BundleError as `bundle.load`, S2FError as `TorchEngine`.
    """
    networks, card = bundle.load(path)
    networks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return TorchEngine(networks, card.recipe, device, precision, threads), card


class TorchEngine:
    """Networks on a device; `networks` are moved there and put in evaluation mode.

    They keep their memory layout, because a training continues with them after a sample. Raises S2FError if
    the device cannot be used.
    """

    name: EngineName = "torch"
    parallel = 1

    def __init__(
        self,
        networks: Networks,
        recipe: Recipe,
        device: str = "auto",
        precision: InferencePrecision = "fp32",
        threads: int | None = None,
    ) -> None:
        self._device = choose_device(device)
        self._dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        networks.to(self._device, self._dtype)
        self.networks = networks.eval()
        self._channels = recipe.image.channels
        self._threads = threads
        self.precision: Literal["fp32", "bf16"] = "bf16" if precision == "bf16" else "fp32"

    @property
    def device(self) -> str:
        """Where it computes: `cpu`, `cuda:0` or `mps`."""
        return str(self._device)

    def domains(self, kind: ChainKind | Literal["samples"]) -> tuple[Domain, ...]:
        """The domains that have a chain in a table; `samples` generates images from noise."""
        return tuple(getattr(self.networks, kind))

    def traits(self, kind: ChainKind, domain: Domain) -> ChainTraits:
        """How to call the chain of a domain in a table."""
        chain = self.networks.chain(getattr(self.networks, kind)[domain])
        return ChainTraits(
            multiple=max(network.multiple for network in chain),
            size=next((network.size for network in chain if network.size), None),
            stochastic=any(isinstance(network, Stochastic) for network in chain),
            weights=sum(w.numel() for network in chain for w in network.parameters()),
        )

    @torch.inference_mode()
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
        """Run a batch through the chain of a domain, as `Engine.run`."""
        image = torch.from_numpy(batch).to(self._device, self._dtype, memory_format=torch.channels_last)
        given = None if conditions is None else torch.from_numpy(conditions).to(self._device, self._dtype)
        with seeded(seed), _threads(self._threads):
            match kind:
                case "directions":
                    result = self.networks.translate(image, domain, given, mean=mean)
                case "refinements":
                    split = self._channels[other(domain)]
                    result = self.networks.refine(image[:, :split], image[:, split:], domain, given)
                case "reconstructions":
                    result = self.networks.run_chain(self.networks.reconstructions[domain], image)
        return result.float().cpu().numpy()

    def free_memory(self) -> int:
        """The free memory of its device, in bytes: the GPU's own for CUDA, else the computer's."""
        if self._device.type == "cuda":
            return int(torch.cuda.mem_get_info(self._device)[0])
        return pixel_budget.free_memory()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's random numbers, and restore their state on the CPU and on CUDA devices afterwards."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Compute in `count` threads, if it is not None."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
