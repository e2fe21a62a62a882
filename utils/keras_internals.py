"""The private attributes of Keras that the project needs, all in this file: a new version of Keras may change them.

Each is read by one function, which says which attribute is missing where it is gone. `tests/test_keras_internals.py`
tries every one of them.
"""

from __future__ import annotations

from utils.frameworks import keras

CHECKED_WITH = "3.15.1"  # Keras's version


def flat_layers(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """This layer and all inside it, a container before what it contains. `Model.layers` leaves out wrapped layers."""
    return _private(layer, "_flatten_layers")()


def child_layers(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers that lie directly in this one, in their order."""
    return _private(layer, "_flatten_layers")(include_self=False, recursive=False)


def own_trainable_variables(layer: keras.layers.Layer) -> list[keras.Variable]:
    """Weights of this layer, of none inside it, that gradients can change, whether or not they are frozen."""
    return _private(layer, "_trainable_variables")


def own_non_trainable_variables(layer: keras.layers.Layer) -> list[keras.Variable]:
    """Weights of this layer, of none inside it, that gradients never change, such as moving statistics."""
    return _private(layer, "_non_trainable_variables")


def clear_losses(layer: keras.layers.Layer) -> None:
    """Forget what this layer and those inside it have added with `add_loss`."""
    _private(layer, "_clear_losses")()


def sequential_graph(model: keras.Sequential) -> keras.Model | None:
    """The functional model that a Sequential is computed with; None where it isn't built."""
    return _private(model, "_functional")


def nodes_in_order(model: keras.Model) -> list:
    """The calls of layers and operations in a functional model, from the input to the output."""
    rows = _private(model, "_nodes_by_depth")
    return [node for depth in sorted(rows, reverse=True) for node in rows[depth]]


def inbound_nodes(operation) -> list:
    """The calls of this layer or operation."""
    return _private(operation, "_inbound_nodes")


def producer(tensor: keras.KerasTensor):
    """The layer or operation that a symbolic tensor comes from."""
    return _private(tensor, "_keras_history").operation


def compile_arguments(model: keras.Model) -> dict:
    """What a compiled model was given to `compile`, as objects; `get_compile_config` has them serialized."""
    return dict(_private(model, "_compile_config").config)


def learning_rate_source(optimizer: keras.optimizers.Optimizer):
    """A variable, or the schedule or function that gives the learning rate; `learning_rate` is its value."""
    return _private(optimizer, "_learning_rate")


def copy_decay_exclusions(source: keras.optimizers.Optimizer, target: keras.optimizers.Optimizer) -> None:
    """Hand on what `exclude_from_weight_decay` has set, which Keras leaves out of an optimizer's config."""
    for name in ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"):
        if hasattr(source, name):  # there from the first call of exclude_from_weight_decay
            setattr(target, name, getattr(source, name))


def lora_base(layer: keras.layers.Layer) -> keras.Variable:
    """The weight that `enable_lora` has frozen; the layer's `kernel` is that weight and its update in one."""
    return _private(layer, "_embeddings" if isinstance(layer, keras.layers.Embedding) else "_kernel")


def global_seed_state() -> list[int] | None:
    """The state of the generator that Keras draws from where no seed is given; None where nothing has been drawn."""
    generator = _private(keras, "src").backend.common.global_state.get_global_attribute("global_seed_generator")
    return None if generator is None else generator.state.numpy().tolist()


def set_global_seed_state(state: list[int] | None) -> None:
    """Set what `global_seed_state` has given back; after None, the next draw makes a new generator."""
    attributes = _private(keras, "src").backend.common.global_state
    if state is None:
        attributes.set_global_attribute("global_seed_generator", None)
    else:
        attributes.get_global_attribute("global_seed_generator").state.assign(state)


class OnOneMachine:
    """Placed before an optimizer's class: no sum of the gradients over several machines, which changes nothing on one.

    That sum is a custom gradient, and TensorFlow keeps those, with the whole graph they were traced in, until the
    process ends (tensorflow/tensorflow issue 97697): some 4 MB for a `fit` of a tiny network, 40 MB for an engine of
    `small_resnet`.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars):
        return list(grads_and_vars)


def _private(owner, name):
    try:
        return getattr(owner, name)
    except AttributeError:
        raise AttributeError(
            f"{type(owner).__name__} has no {name} in Keras {keras.__version__}: this project was checked with Keras "
            f"{CHECKED_WITH}. Install that version, or change utils/keras_internals.py."
        ) from None
