"""The memory that a training step needs for its backward pass."""

from collections.abc import Callable

import numpy as np

from utils.messages import refusal

# Operations whose output needs no memory of its own: it exists anyway, or only its shape is needed.
_NOT_STORED = {"ReadVariableOp", "Placeholder", "Const", "Shape", "Identity"}
_ONLY_SHAPES = {"Shape", "ShapeN", "Size", "Rank"}
_BACKWARD = "gradient_tape/"  # the prefix of what a GradientTape adds to a graph


def activation_memory(step: Callable) -> int:
    """Bytes of the arrays that the forward pass computes and the backward pass reads.

    They are counted in the graph of a step, without weights, inputs and what the backward pass computes itself.

    Args:
        step: A concrete function (`tf.function(…).get_concrete_function(x, y)`, x and y arrays of full shape) in which
            a GradientTape computes gradients.

    Raises:
        ValueError: Where a shape isn't known.
    """
    if not hasattr(getattr(step, "graph", None), "outputs"):
        raise ValueError(refusal("step", step, "give a concrete function, tf.function(…).get_concrete_function(x, y)"))
    backward = [operation for operation in _needed(step.graph.outputs) if operation.name.startswith(_BACKWARD)]
    readers = [operation for operation in backward if operation.type not in _ONLY_SHAPES]
    total = 0
    for tensor in {id(tensor): tensor for operation in readers for tensor in operation.inputs}.values():
        if tensor.op.name.startswith(_BACKWARD) or tensor.op.type in _NOT_STORED:
            continue
        if not tensor.shape.is_fully_defined():
            raise ValueError(f"step: the shape of {tensor.name} isn't known; trace it with arrays, not shapes")
        total += int(np.prod(tensor.shape.as_list())) * tensor.dtype.size
    return total


def _needed(outputs):
    """The operations that the outputs depend on: a tape records more, which TensorFlow never runs."""
    needed, pending = {}, [tensor.op for tensor in outputs]
    while pending:
        operation = pending.pop()
        if operation.name not in needed:
            needed[operation.name] = operation
            pending.extend(tensor.op for tensor in operation.inputs)
    return needed.values()
