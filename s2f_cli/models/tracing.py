"""Writes the ONNX graphs of a model: its networks without their weights, for use without torch."""

import copy
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor, nn

from s2f_cli.core import onnx_runtime, requirements
from s2f_cli.core.quiet import quiet, quiet_libraries
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain, other
from s2f_cli.models.graphs import CONDITIONS, IMAGE, RESULT, Graph, GraphKind, compressed, name_of
from s2f_cli.models.networks import Memorizer, Stochastic
from s2f_cli.models.networks._film import NormalisedConv2d
from s2f_cli.models.roles import Networks, append_conditions

_OPSET = 18
_LARGEST = 64
"""Sides of the images on which a graph is traced and compared, in pixels, unless the network needs more."""
_TOLERANCE = 1e-4
"""The largest difference of a graph's values, in [-1, 1], from those of torch."""


_traced: dict[tuple[object, ...], dict[str, Graph]] = {}
"""The graphs by what they depend on: a process that trains equal networks often traces them once."""


def trace(networks: Networks, card: Card) -> dict[str, Graph]:
    """The graphs of all directions and refinements, by name.

    They do not depend on the weights. There are none if a network draws random numbers, stores images,
    cannot be written as ONNX, or gives other results in ONNX Runtime than in torch.
    """
    fields = {"image", "conditions", "networks", "directions", "refinements"}
    classes = tuple(type(module) for module in networks.modules())
    chains = f"{networks.directions} {networks.refinements}"
    key = card.recipe.model_dump_json(include=fields), chains, repr(networks), classes
    if key not in _traced:
        _traced[key] = _trace(networks, card)
    return dict(_traced[key])


def _trace(networks: Networks, card: Card) -> dict[str, Graph]:
    chains: list[tuple[GraphKind, Domain, Sequence[str]]] = [
        *(("directions", to, roles) for to, roles in networks.directions.items()),
        *(("refinements", to, roles) for to, roles in networks.refinements.items()),
    ]
    if any(isinstance(n, (Stochastic, Memorizer)) for _, _, roles in chains for n in networks.chain(roles)):
        return {}
    try:
        with quiet(), quiet_libraries(), torch.no_grad(), torch.random.fork_rng(devices=[]):
            return {
                name_of(kind, to): _Chain(networks, roles, kind, to, card).graph()
                for kind, to, roles in chains
            }
    except Exception:  # exporters and runtimes raise many kinds
        return {}


def write_graph(
    network: nn.Module,
    example: tuple[Tensor, ...],
    names: Sequence[str] = (IMAGE,),
    sizes: Mapping[int, str] = MappingProxyType({}),
) -> tuple[bytes, tuple[str, ...]]:
    """A network as an ONNX file whose weights are external, and their names.

    `names` are those of its inputs, of which `example` holds one each; `sizes` names the dimensions of images
    that vary, beside the batch. Weights must differ from each other: the exporter merges equal ones.
    """
    axes = {name: {0: "batch"} | ({} if name == CONDITIONS else dict(sizes)) for name in (*names, RESULT)}
    with tempfile.TemporaryDirectory(prefix="s2f-") as folder:
        file = Path(folder) / "graph.onnx"
        torch.onnx.export(
            network,
            example,
            file,
            input_names=list(names),
            output_names=[RESULT],
            dynamic_axes=axes,
            dynamo=False,
            opset_version=_OPSET,
            export_params=False,
            do_constant_folding=False,
        )
        return _without_weights(file.read_bytes(), names)


class _Chain(Networks):
    """A chain of networks as one, from the image, or image and translation, and the conditions."""

    def __init__(
        self, networks: Networks, roles: Sequence[str], kind: GraphKind, to: Domain, card: Card
    ) -> None:
        copies = {role: copy.deepcopy(networks[role]).cpu().float() for role in roles}
        super().__init__(copies, {to: roles})
        self.eval().requires_grad_(False)
        for tensor in self.state_dict().values():  # the exporter merges weights that happen to be equal
            if tensor.is_floating_point():
                tensor.add_(1e-4 * torch.rand_like(tensor))
        self._roles, image = roles, card.recipe.image
        self._source = image.channels[other(to)]
        self._channels = self._source + (image.channels[to] if kind == "refinements" else 0)
        self._width = card.recipe.conditions.width
        self._multiple = max(network.multiple for network in self.chain(roles))
        squashes = kind == "directions" and image.fit == "squash"
        sizes = [network.size for network in self.chain(roles) if network.size]
        self._size = image.side(other(to)) if sizes or squashes else None

    def forward(self, image: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Run the chain; the planes of conditions come behind the channels of the source."""
        if conditions is not None:
            source, coarse = image[:, : self._source], image[:, self._source :]
            image = torch.cat([append_conditions(source, conditions), coarse], dim=1)
        return self.run_chain(self._roles, image)

    def graph(self) -> Graph:
        """The graph; raises RuntimeError if it does not give the results of torch."""
        saved = set(self.state_dict())
        examples = [self._example(2, 1, 2), self._example(1, 2, 1)]
        expected = [self(*inputs).numpy() for inputs in examples]
        lengths = _unfold(self)
        weights = {name: tensor.numpy() for name, tensor in self.state_dict().items()}
        names = [IMAGE, CONDITIONS][: 2 if self._width else 1]
        sizes = {} if self._size else {2: "rows", 3: "columns"}
        model, initialisers = write_graph(self, examples[0], names, sizes)
        if not {*initialisers, *lengths.values()} <= saved:
            raise RuntimeError("the graph has weights that the bundle lacks")
        weights = {name: weights[name] for name in initialisers}
        session = onnx_runtime.open_session(model, weights=weights)
        for inputs, result in zip(examples, expected, strict=True):
            (output,) = session.run(None, {name: x.numpy() for name, x in zip(names, inputs, strict=True)})
            if not np.abs(output - result).max() <= _TOLERANCE:
                raise RuntimeError("the graph gives other results than torch")
        return Graph(
            multiple=self._multiple,
            size=self._size,
            parameters=sum(array.size for array in weights.values()),
            weights=initialisers,
            lengths=lengths,
            onnx=compressed(model),
        )

    def _example(self, count: int, rows: int, columns: int) -> tuple[Tensor, ...]:
        """Random inputs; heights and widths are multiples of the smallest that the network takes."""
        step = self._size or -(-_LARGEST // self._multiple) * self._multiple
        height, width = (step, step) if self._size else (rows * step, columns * step)
        image = torch.rand(count, self._channels, height, width) * 2 - 1
        return (image, torch.rand(count, self._width) * 2 - 1) if self._width else (image,)


def _unfold(networks: nn.Module) -> dict[str, str]:
    """Turn the filters of learnt length into plain ones; return the lengths' names by those of the filters.

    ONNX Runtime is given the filters with their lengths, so that it need not compute them.
    """
    lengths = {}
    for name, module in list(networks.named_modules()):
        if isinstance(module, NormalisedConv2d):
            parent, _, child = name.rpartition(".")
            setattr(networks.get_submodule(parent), child, module.plain())
            lengths[f"{name}.weight"] = f"{name}.gain"
    return lengths


def _without_weights(model: bytes, inputs: Sequence[str]) -> tuple[bytes, tuple[str, ...]]:
    """Declare the weights of an ONNX file, which are inputs, as initialisers with external data."""
    onnx = requirements.require("onnx")
    document = onnx.load_from_string(model)
    graph, kept, initialisers = document.graph, [], []
    for value in graph.input:
        if value.name in inputs:
            kept.append(value)
            continue
        if value.type.tensor_type.elem_type != onnx.TensorProto.FLOAT:
            raise RuntimeError(f"{value.name} is not in float32")
        tensor = graph.initializer.add(name=value.name, data_type=value.type.tensor_type.elem_type)
        tensor.dims.extend(axis.dim_value for axis in value.type.tensor_type.shape.dim)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="bundle")
        initialisers.append(value.name)
    for node in graph.node:  # where in the source, which depends on the caller
        node.ClearField("doc_string")
        node.ClearField("metadata_props")
    del graph.input[:]
    graph.input.extend(kept)
    document.producer_name = "s2f"
    document.producer_version = ""
    return document.SerializeToString(deterministic=True), tuple(initialisers)
