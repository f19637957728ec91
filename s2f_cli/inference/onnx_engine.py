"""Runs a model in ONNX Runtime, without torch: the graphs in a bundle, or an exported file.

On a processor, an image alone is computed by all threads. Of several images, each thread computes its own.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from s2f_cli.core import freed_memory, onnx_runtime, processor
from s2f_cli.core.errors import BundleError
from s2f_cli.inference import pixel_budget
from s2f_cli.inference.engine import Array, ChainKind, ChainTraits, EngineName
from s2f_cli.inference.usage import ExportPrecision, Usage, read_usage
from s2f_cli.models import graphs
from s2f_cli.models.domains import DOMAINS, Domain
from s2f_cli.models.graphs import Graph


class OnnxEngine:
    """Sessions of ONNX Runtime by the name of their graph, each opened when it is first used.

    `open_chain` opens one, given its name and the number of its threads, of which `threads` are all.
    """

    name: EngineName = "onnx"

    def __init__(
        self,
        chains: Mapping[str, ChainTraits],
        open_chain: Callable[[str, int], Any],
        device: str,
        precision: ExportPrecision = "fp32",
        threads: int | None = None,
    ) -> None:
        self.device = device
        self.precision = precision
        self.threads = threads or processor.threads()
        self.parallel = self.threads if device == "cpu" else 1
        self._traits = chains
        self._workers = ThreadPoolExecutor(self.parallel, "s2f-onnx")
        self._session = lru_cache(maxsize=None)(open_chain)

    def domains(self, kind: ChainKind | Literal["samples"]) -> tuple[Domain, ...]:
        """The domains that have a chain in a table; `samples` generates images from noise."""
        return tuple(domain for domain in DOMAINS if f"{kind}.{domain}" in self._traits)

    def traits(self, kind: ChainKind, domain: Domain) -> ChainTraits:
        """How to call the chain of a domain in a table."""
        return self._traits[f"{kind}.{domain}"]

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
        """Run a batch through the chain of a domain, as `Engine.run`; nothing is drawn at random."""
        if conditions is not None and len(conditions) != len(batch):
            conditions = np.repeat(conditions, len(batch), axis=0)
        count = min(self.parallel, len(batch))
        session = self._session(f"{kind}.{domain}", self.threads if count == 1 else 1)
        names = [value.name for value in session.get_inputs()]
        parts = [np.array_split(values, count) for values in (batch, conditions) if values is not None]
        feeds = (dict(zip(names, inputs, strict=True)) for inputs in zip(*parts, strict=True))
        if count == 1:
            return session.run(None, next(feeds))[0]
        return np.concatenate(list(self._workers.map(lambda inputs: session.run(None, inputs)[0], feeds)))

    def free_memory(self) -> int:
        """The computer's free memory in bytes: ONNX Runtime does not report a GPU's."""
        return pixel_budget.free_memory()


def of_bundle(
    path: Path, stored: Mapping[str, Graph], device: str = "cpu", threads: int | None = None
) -> OnnxEngine:
    """Run the graphs stored in a bundle; raises S2FError if ONNX Runtime cannot use the device.

    A session that cannot be opened raises BundleError when it is first used.
    """

    def open_chain(name: str, threads: int) -> Any:
        graph = stored[name]
        session = onnx_runtime.open_session(
            graph.model,
            device,
            threads=threads,
            weights=graphs.read_weights(path, graph),
            label=f"the graph {name} of {path}",
        )
        freed_memory.return_to_system()
        return session

    traits = {
        name: ChainTraits(graph.multiple, graph.size, weights=graph.parameters)
        for name, graph in stored.items()
    }
    return OnnxEngine(traits, open_chain, onnx_runtime.device_name(device), threads=threads)


def of_file(path: Path, device: str = "auto", threads: int | None = None) -> tuple[OnnxEngine, Usage]:
    """Run an ONNX file that s2f exported; returns the engine, and how to call the file.

    Raises BundleError if the file is missing, damaged, or not exported by s2f; MissingPart and S2FError as
    `onnx_runtime.open_session`.
    """
    if not path.is_file():
        raise BundleError(
            f"there is no model file {path}",
            "check the path, or export a model with `s2f export --format onnx`",
        )
    threads = threads or processor.threads()
    session = onnx_runtime.open_session(path, device, threads=threads)
    usage = read_usage(session.get_modelmeta().custom_metadata_map, path)

    def open_chain(_: str, count: int) -> Any:
        return session if count == threads else onnx_runtime.open_session(path, device, threads=count)

    traits = ChainTraits(usage.multiple, None if usage.any_size else usage.size)
    chains, where = {f"directions.{usage.to}": traits}, onnx_runtime.device_name(device)
    return OnnxEngine(chains, open_chain, where, usage.precision, threads), usage
