"""A network cut into the smallest pieces that come one after another: wherever a single tensor passes."""

from dataclasses import dataclass

import keras
import numpy as np

from utils.freezing.layer_choice import own_weights
from utils.keras_internals import flat_layers, nodes_in_order
from utils.user_model.checks import graph_of

_NORMS = (
    keras.layers.BatchNormalization,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
    keras.layers.Normalization,
    keras.layers.UnitNormalization,
)


@dataclass(frozen=True, eq=False)
class Piece:
    """A part with one way in and one way out: a layer, or several between which there are more ways (a residual unit).

    layer: what computes it. parts: the layers with weights inside. shape: of what comes out, without the batch.
    """

    layer: keras.layers.Layer
    parts: tuple[keras.layers.Layer, ...]
    shape: tuple[int, ...]

    @property
    def joins_the_one_before(self) -> bool:
        """Whether it is nothing to freeze by itself: it has no weights, or it normalises what came before."""
        return all(isinstance(part, _NORMS) for part in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the layers with weights."""
        return tuple(part.name for part in self.parts)


def pieces(model: keras.Model) -> list[Piece]:
    """The pieces from the input to the output. Models nested in a chain are opened; the layers are the model's own.

    A layer that is used in several places lies in one piece with all that is between them.
    """
    graph = graph_of(model)
    nodes = [node for node in nodes_in_order(graph) if not node.is_input]
    first_use, last_use, last_seen = {}, {}, {}
    for i, node in enumerate(nodes):
        first_use.setdefault(id(node.operation), i)
        last_seen[id(node.operation)] = i
        last_use |= {id(tensor): i for tensor in node.input_tensors}
    last_use[id(graph.outputs[0])] = len(nodes)
    found, start, entry, live = [], 0, graph.inputs[0], {id(graph.inputs[0])}
    for i, node in enumerate(nodes):
        live |= {id(tensor) for tensor in node.output_tensors}
        live = {tensor for tensor in live if last_use.get(tensor, -1) > i}
        open_layers = any(first_use[id(one.operation)] <= i < last_seen[id(one.operation)] for one in nodes[: i + 1])
        leaves = [tensor for tensor in node.output_tensors if id(tensor) in live]
        if len(live) == 1 and leaves and not open_layers:
            found += _made(nodes[start : i + 1], entry, leaves[0])
            start, entry = i + 1, leaves[0]
    return found


def _made(nodes, entry, leaving):
    shape = tuple(leaving.shape[1:])
    operation = nodes[0].operation
    if len(nodes) == 1 and isinstance(operation, keras.layers.Layer) and _is_plain(nodes[0]):
        if graph_of(operation) is not None and len(operation.inputs) == len(operation.outputs) == 1:
            return pieces(operation)
        return [Piece(operation, _parts(operation), shape)]
    model = keras.Model(entry, leaving)
    return [Piece(model, _parts(model), shape)]


def _is_plain(node):
    """Whether the layer is called on one tensor, and on nothing else but for how it acts in training."""
    arguments = node.arguments
    others = {name: value for name, value in arguments.kwargs.items() if name != "training" and value is not None}
    return len(arguments.args) == len(arguments.keras_tensors) == 1 and not others


def _parts(layer):
    leaves = [one for one in flat_layers(layer) if own_weights(one)]
    return tuple({id(one): one for one in leaves if np.sum([np.prod(w.shape) for w in one.weights]) > 0}.values())
