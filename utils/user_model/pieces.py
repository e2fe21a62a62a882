"""A network cut into the smallest pieces that come one after another, by a liveness analysis of its graph."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from utils.frameworks import keras
from utils.freezing.layer_choice import direct_weights
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
    """A part of a network with one input tensor and one output tensor: a layer, or several such as a residual unit.

    Attributes:
        layer: Computes the piece: the layer itself, or a functional model of several.
        names: The names of the reader's layers that have weights: of a wrapper or a layer of layers, its own name.
        weighted_layers: The layers with weights of their own inside, such as the cell of a recurrent layer.
        shape: The shape of the output, without the batch axis.
    """

    layer: keras.layers.Layer
    names: tuple[str, ...]
    weighted_layers: tuple[keras.layers.Layer, ...]
    shape: tuple[int, ...]

    @property
    def joins_the_one_before(self) -> bool:
        """Whether freezing it alone makes no sense: it has no weights, or it normalizes the output before it."""
        return all(isinstance(layer, _NORMS) for layer in self.weighted_layers)


def find_pieces(model: keras.Model) -> list[Piece]:
    """Cut a network wherever a single tensor connects what comes before with what comes after.

    Where that is so is found by a liveness analysis, as compilers use it: see `_cuts`. A model nested in the chain is
    cut, too. The pieces use the model's own layers.

    Args:
        model: A built Sequential or functional model with one input and one output.

    Returns:
        The pieces from the input to the output.
    """
    graph = graph_of(model)
    nodes = [node for node in nodes_in_order(graph) if not node.is_input]
    pieces, start, entry = [], 0, graph.inputs[0]
    for end, tensor in _cuts(graph, nodes):
        pieces += _pieces_of(nodes[start:end], entry, tensor)
        start, entry = end, tensor
    return pieces


def _cuts(graph, nodes) -> Iterator[tuple[int, keras.KerasTensor]]:
    """The places where a graph falls into two parts: how many calls lie before each, and the tensor that connects them.

    A tensor is live from the call that computes it up to the last call that reads it; the graph's output stays live. A
    layer that is called several times is live from its first call up to its last, since its weights can't be in two
    pieces. A cut lies behind each call after which exactly one tensor is live, the call's own output, and no layer.
    """
    last_read = {id(tensor): i for i, node in enumerate(nodes) for tensor in node.input_tensors}
    last_read[id(graph.outputs[0])] = len(nodes)
    last_call = {id(node.operation): i for i, node in enumerate(nodes)}
    live, layers_live_until = {}, 0
    for i, node in enumerate(nodes):
        live |= {id(tensor): tensor for tensor in [*node.input_tensors, *node.output_tensors]}
        live = {key: tensor for key, tensor in live.items() if last_read.get(key, -1) > i}
        layers_live_until = max(layers_live_until, last_call[id(node.operation)])
        outputs = [tensor for tensor in node.output_tensors if id(tensor) in live]
        if len(live) == 1 and outputs and layers_live_until <= i:
            yield i + 1, outputs[0]


def _pieces_of(nodes, entry, output):
    shape = tuple(output.shape[1:])
    operation = nodes[0].operation
    if len(nodes) == 1 and isinstance(operation, keras.layers.Layer) and _takes_one_tensor(nodes[0]):
        if graph_of(operation) is not None and len(operation.inputs) == len(operation.outputs) == 1:
            return find_pieces(operation)
        return [_piece(operation, nodes, shape)]
    return [_piece(keras.Model(entry, output), nodes, shape)]


def _piece(layer, nodes, shape):
    named = {id(operation): operation.name for operation in _layers_with_weights(nodes)}  # one may be called twice
    return Piece(layer, tuple(named.values()), _weighted_layers(layer), shape)


def _layers_with_weights(nodes):
    for node in nodes:
        operation = node.operation
        if graph_of(operation) is not None:
            yield from _layers_with_weights(nodes_in_order(graph_of(operation)))
        elif isinstance(operation, keras.layers.Layer) and _weighted_layers(operation):
            yield operation


def _takes_one_tensor(node):
    """Whether the layer is called on one tensor and nothing else, except for how it acts in training."""
    arguments = node.arguments
    others = {name: value for name, value in arguments.kwargs.items() if name != "training" and value is not None}
    return len(arguments.args) == len(arguments.keras_tensors) == 1 and not others


def _weighted_layers(layer):
    inner = {id(part): part for part in flat_layers(layer) if direct_weights(part)}.values()
    return tuple(part for part in inner if sum(np.prod(weight.shape) for weight in part.weights) > 0)
