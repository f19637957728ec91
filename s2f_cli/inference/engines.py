"""Chooses the engine that runs a model, and opens it."""

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from s2f_cli.core import onnx_runtime, processor
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.inference import onnx_engine
from s2f_cli.inference.engine import Engine, EngineChoice, EngineName
from s2f_cli.inference.options import InferencePrecision
from s2f_cli.inference.usage import ONNX
from s2f_cli.models import graphs
from s2f_cli.models.card import Card, read_card
from s2f_cli.models.graphs import Graph
from s2f_cli.models.recipes.schema import Recipe


def open_engine(
    path: Path,
    device: str = "auto",
    precision: InferencePrecision = "fp32",
    engine: EngineChoice = "auto",
    threads: int | None = None,
) -> tuple[Engine, Card]:
    """Open a bundle, or an exported ONNX file, with an engine; returns it with the model's card.

    `auto` is ONNX Runtime for ONNX files, and for bundles with ONNX graphs unless torch has a GPU and ONNX
    Runtime has none; else torch. An ONNX file has the precision it was exported with; `precision` is that of
    `usable_precision`. `threads` are all by default.

    Raises BundleError if the file is missing, damaged, or has no graph for ONNX Runtime; S2FError if the
    device cannot be used, or the engine cannot run the model in this precision.
    """
    if path.suffix == ONNX:
        if engine == "torch":
            raise S2FError(
                f"{path} is an ONNX file, which PyTorch cannot run", "leave out --engine, or use the bundle"
            )
        opened, usage = onnx_engine.of_file(path, device, threads)
        return opened, usage.card
    card = read_card(path)
    stored = graphs.read(path) if engine != "torch" else {}
    complete = is_complete(card.recipe, stored)
    precision = usable_precision(precision, device)
    if engine == "onnx":
        _check(path, complete, precision)
    if (engine if engine != "auto" else _choice(complete, device, precision)) == "onnx":
        return onnx_engine.of_bundle(path, stored, device, threads), card

    from s2f_cli.inference import torch_engine

    return torch_engine.of_bundle(path, device, precision, threads)


def usable_precision(precision: InferencePrecision, device: str = "auto") -> InferencePrecision:
    """The precision in which a device computes: fp32 in place of bf16 on a processor without bf16.

    `auto` is bf16 on a processor that has it and on GPUs, else fp32.
    """
    on_cpu = device.partition(":")[0] == "cpu" or (device == "auto" and not has_gpu())
    if precision == "auto":
        return "bf16" if not on_cpu or processor.native_bf16() else "fp32"
    return "fp32" if precision == "bf16" and on_cpu and not processor.native_bf16() else precision


def has_gpu() -> bool:
    """Whether torch can probably use a GPU, found out without importing it."""
    return not metadata.version("torch").endswith("+cpu") and processor.may_have_gpu()


def _choice(complete: bool, device: str, precision: InferencePrecision) -> EngineName:
    if not complete or precision != "fp32":
        return "torch"
    kind = device.partition(":")[0]
    if kind == "cpu" or (kind == "auto" and not has_gpu()):
        return "onnx"
    return "onnx" if kind in ("cuda", "auto") and onnx_runtime.CUDA in onnx_runtime.providers() else "torch"


def _check(path: Path, complete: bool, precision: InferencePrecision) -> None:
    if not complete:
        raise BundleError(
            f"{path} has no ONNX graph",
            "use --engine torch, or try `s2f models add`, which adds a graph if the networks allow it",
        )
    if precision != "fp32":
        raise S2FError(
            f"ONNX Runtime runs bundles in fp32, not in {precision}", "leave out --engine or --precision"
        )


def is_complete(recipe: Recipe, stored: Mapping[str, Graph]) -> bool:
    """Whether a model can translate with these graphs alone."""
    needed = {
        *(graphs.name_of("directions", to) for to in recipe.directions),
        *(graphs.name_of("refinements", to) for to in recipe.refinements),
    }
    return bool(needed) and needed <= stored.keys()
