"""One direction of a model as the ONNX graph in its bundle, for files that need no torch."""

from pathlib import Path
from typing import Any

import numpy as np

from s2f_cli.core import requirements
from s2f_cli.export.contract import REFINED, Array, input_names, require_direction, usage_of
from s2f_cli.inference import onnx_engine
from s2f_cli.inference.engines import is_complete
from s2f_cli.inference.usage import KEY, Usage
from s2f_cli.models import graphs
from s2f_cli.models.card import Card, read_card
from s2f_cli.models.domains import Domain
from s2f_cli.models.graphs import CONDITIONS, IMAGE, RESULT, Graph, GraphKind, name_of


class StoredNetwork:
    """A direction of a bundle, as `DirectionNetwork`, whose results are those of ONNX Runtime.

    They were compared with PyTorch's when the bundle was written. Raises BundleError if the model lacks the
    direction or its graphs are invalid.
    """

    kind: GraphKind = "directions"

    def __init__(self, bundle: Path, card: Card, to: Domain) -> None:
        require_direction(card, to, card.directions)
        self._bundle, self._graphs = bundle, graphs.read(bundle)
        self._graph: Graph = self._graphs[name_of(self.kind, to)]
        image = self._graphs[name_of("directions", to)]
        multiple = self._graph.multiple
        self.usage = usage_of(card, to, any_size=image.size is None, multiple=multiple)
        self._engine = onnx_engine.of_bundle(bundle, self._graphs)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs: the source domain and, with conditions, `conditions`."""
        return input_names(self.usage)

    def run(self, *inputs: Array) -> Array:
        """Translate arrays."""
        return self._engine.run(self.kind, self.usage.to, *inputs)

    def refinement(self) -> "StoredRefinement | None":
        """The network that adds detail to the results, if the model has one."""
        card, to = self.usage.card, self.usage.to
        return StoredRefinement(self._bundle, card, to) if to in card.recipe.refinements else None

    def save(self, path: Path, usage: Usage | None = None) -> None:
        """Write an ONNX file with the weights inside, in float32, and `usage` or its own in the metadata."""
        onnx = requirements.require("onnx")
        document = onnx.load_from_string(self._graph.model)
        renamed = dict(zip((IMAGE, CONDITIONS), self.input_names, strict=False)) | {RESULT: self.usage.to}
        for value in (*document.graph.input, *document.graph.output):
            value.name = renamed[value.name]
        for node in document.graph.node:
            for names in (node.input, node.output):
                names[:] = [renamed.get(name, name) for name in names]
        _say_multiple(document, self._graph.multiple)
        _insert_weights(document, self._bundle, self._graph)
        document.producer_version = self.usage.card.s2f
        document.metadata_props.add(key=KEY, value=(usage or self.usage).model_dump_json())
        onnx.save(document, path)


class StoredRefinement(StoredNetwork):
    """The refinement of a direction, as `RefinementNetwork`."""

    kind: GraphKind = "refinements"

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs: `image` and, with conditions, `conditions`."""
        return input_names(self.usage, REFINED)


def of_bundle(bundle: Path, to: Domain) -> StoredNetwork | None:
    """The stored network of a direction; None if the bundle has not the graphs of all its networks."""
    card = read_card(bundle)
    return StoredNetwork(bundle, card, to) if is_complete(card.recipe, graphs.read(bundle)) else None


def _say_multiple(document: Any, multiple: int) -> None:
    """Name heights and widths after their multiple, such as `8*rows`."""
    graph = document.graph
    for value in (*graph.input, *graph.output, *graph.value_info):
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param in ("rows", "columns") and multiple > 1:
                size.dim_param = f"{multiple}*{size.dim_param}"


def _insert_weights(document: Any, bundle: Path, graph: Graph) -> None:
    """Give a graph the weights as the bundle has them, and the operations that give filters their lengths."""
    from onnx import helper, numpy_helper

    weights = graphs.read_stored(bundle, graph)
    lengths = {name: weights.pop(length) for name, length in graph.lengths.items()}
    del document.graph.initializer[:]
    nodes = []
    for name, values in weights.items():
        if name in lengths:
            constants = {
                "filters": values,
                "length": lengths[name],
                "axes": np.array([1, 2, 3]),
                "least": np.float32(1e-4),
            }
            document.graph.initializer.extend(
                numpy_helper.from_array(np.asarray(array), f"{name}.{part}")
                for part, array in constants.items()
            )
            steps = [
                ("ReduceSumSquare", ("filters", "axes"), "squares"),
                ("Add", ("squares", "least"), "sum"),
                ("Sqrt", ("sum",), "norm"),
                ("Div", ("length", "norm"), "scale"),
            ]
            nodes += [
                helper.make_node(step, [f"{name}.{part}" for part in inputs], [f"{name}.{output}"])
                for step, inputs, output in steps
            ]
            nodes.append(helper.make_node("Mul", [f"{name}.filters", f"{name}.scale"], [name]))
        else:
            document.graph.initializer.append(numpy_helper.from_array(values, name))
    nodes += document.graph.node
    del document.graph.node[:]
    document.graph.node.extend(nodes)
