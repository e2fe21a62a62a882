"""What a training step must keep in memory for its way back."""

from collections.abc import Callable

import numpy as np

# Their values are there anyway, or only their shapes are asked for.
_NOT_KEPT = {"ReadVariableOp", "Placeholder", "Const", "Shape", "Identity"}
_ONLY_SHAPES = {"Shape", "ShapeN", "Size", "Rank"}
_BACKWARD = "gradient_tape/"  # how TensorFlow calls what a GradientTape adds to a graph


def activation_memory(step: Callable) -> int:
    """Bytes of the arrays that the forward pass makes and the backward pass reads, counted in the graph of a step.

    step: a concrete function (`tf.function(…).get_concrete_function(x, y)`, x and y arrays of full shape) in which
    a GradientTape computes gradients. Weights, inputs and what backward makes for itself aren't counted.
    Raises a ValueError where a shape isn't known.
    """
    backward = [one for one in _needed(step.graph.outputs) if one.name.startswith(_BACKWARD)]
    read = {id(tensor): tensor for one in backward if one.type not in _ONLY_SHAPES for tensor in one.inputs}
    total = 0
    for tensor in read.values():
        if tensor.op.name.startswith(_BACKWARD) or tensor.op.type in _NOT_KEPT:
            continue
        if not tensor.shape.is_fully_defined():
            raise ValueError(f"step: the shape of {tensor.name} isn't known; trace it with arrays, not shapes")
        total += int(np.prod(tensor.shape.as_list())) * tensor.dtype.size
    return total


def _needed(outputs):
    """The operations that the outputs depend on: a tape writes down more, which TensorFlow never runs."""
    found, waiting = {}, [tensor.op for tensor in outputs]
    while waiting:
        operation = waiting.pop()
        if operation.name not in found:
            found[operation.name] = operation
            waiting.extend(tensor.op for tensor in operation.inputs)
    return found.values()
