"""One update, as a traced function: a batch in, a loss made of the strategy's terms, a step of every trained layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from utils.frameworks import keras, tf
from utils.models import NEW_HEAD, OLD_HEAD, TransferModel
from utils.models.precision import in_precision
from utils.strategies.checks import SettingsError
from utils.strategies.loss_code import WeightCode
from utils.strategies.loss_term import Batch, LossTerm
from utils.strategies.losses import NEW_TASK
from utils.training.block_calls import BlockCalls
from utils.training.held_images import Images


@dataclass(frozen=True)
class Material:
    """The training data, with what the loss terms have recorded and prepared.

    Attributes:
        images: The new task's images, (N, height, width, channels).
        labels: Their labels, (N,).
        old_images: The old task's images, where the loss needs them.
        old_labels: Their labels.
        recorded: What the terms have recorded of each new image, by term and name, (N, ...).
        prepared: What the terms have prepared for each weight of the backbone, by term, name and block.
    """

    images: Images
    labels: tf.Tensor
    old_images: Images | None = None
    old_labels: tf.Tensor | None = None
    recorded: dict[str, dict[str, tf.Tensor]] = field(default_factory=dict)
    prepared: dict[str, dict[str, dict[str, list[tf.Tensor]]]] = field(default_factory=dict)


@dataclass(frozen=True)
class FrozenPrefix:
    """The number of first blocks that are frozen, and of those whose outputs have been computed.

    Attributes:
        computed: The number of blocks whose outputs are the input of an update.
        frozen: The number of frozen blocks, including those.
    """

    computed: int
    frozen: int


def learning_layers(model: TransferModel, losses: tuple[LossTerm, ...], frozen: int) -> list[str]:
    """The layers above the frozen prefix that a loss reaches, from the input to the heads."""
    reached = {term.head for term in losses}
    names = [block.name for block in model.blocks[frozen:]]
    return names + [*model.added] + [head for head in (OLD_HEAD, NEW_HEAD) if head in reached]


def traced_updates(
    model: TransferModel,
    losses: tuple[LossTerm, ...],
    prefix: FrozenPrefix,
    signature: list,
    optimizers: dict,
    fixed: tuple[str, ...] | None = None,
) -> Callable:
    """Make the function that makes many updates.

    Args:
        model: The network.
        losses: The terms of the loss.
        prefix: The frozen part of the network.
        signature: The types and shapes of the arguments, from `input_signature`.
        optimizers: The optimizer of each layer.
        fixed: The layers that train, for a trace that can train no others: in a deep network a trace that can train any
            layer takes many times as long, and as much memory. None to take the layers as an argument.

    Returns:
        A function of the data, the indices of the batches, the mask of the layers that train, λ, the options of the
        terms, and the factor of the sum of squares of the new head's kernel (`Settings.head_l2`). It returns the new
        task's loss for each batch, before its update.
    """
    names = learning_layers(model, losses, prefix.frozen)
    weights = {name: model.trainable_weights(name) for name in names}
    blocks = [block.name for block in model.blocks[prefix.frozen :]]
    batch_size = signature[1]["new"].shape[1]
    rehearses = any(term.rehearses for term in losses)
    # Where none of these is there, what only the old head sees acts as at inference: its statistics stay.
    on_outputs = [term for term in losses if term.head != NEW_HEAD and not isinstance(term.code, WeightCode)]

    def learns(name):
        return fixed is None or name in fixed

    def batch_of(data, rows, mask):
        """The inputs that all terms share, and the losses of the network's own layers."""
        images = in_precision(tf.gather(data["features"], rows["new"]))
        if rehearses:
            images = tf.concat([images, in_precision(tf.gather(data["rehearsed"], rows["old"]))], 0)
        mask = mask if fixed is None else [name in fixed for name in model.layer_names]
        calls = BlockCalls(model, prefix.frozen, mask)
        old_call = calls if on_outputs else lambda block, x: block(x)
        features, new_features = model.features_of_heads(images, prefix.computed, calls, old_call)
        old, new = model.logits(features, new_features)
        batch = Batch(
            logits={OLD_HEAD: old[:batch_size], NEW_HEAD: new[:batch_size]},
            labels=tf.gather(data["labels"], rows["new"]),
            features=features[:batch_size],
            weights={name: [weight.value for weight in weights[name]] for name in blocks},
            old_logits=old[batch_size:] if rehearses else None,
            old_labels=tf.gather(data["rehearsed labels"], rows["old"]) if rehearses else None,
        )
        return batch, calls.losses

    def values(data, rows, batch, options):
        """The value of each term by its name."""
        values_by_term = {}
        for term in losses:
            recorded = {name: tf.gather(data["recorded"][term.name][name], rows["new"]) for name in term.record}
            prepared = data["prepared"][term.name] if term.prepare else {}
            prepared = {name: {block: arrays[block] for block in blocks} for name, arrays in prepared.items()}
            term_options = {option.name: options[option.name] for option in term.options}
            inputs = replace(batch, recorded=recorded, prepared=prepared, options=term_options)
            # A sum over nothing is a plain 0.
            value = tf.convert_to_tensor(term.value(inputs), keras.config.floatx())
            if value.shape.rank != 0:
                raise SettingsError(
                    f"losses: the value of {term.name!r} is not allowed to have the shape {tuple(value.shape)}: give "
                    "one number for the whole batch, such as a mean."
                )
            values_by_term[term.name] = value
        return values_by_term

    def updates(data, batches, mask, weight, options, head_l2):
        count = tf.shape(batches["new"])[0]
        new_task = tf.TensorArray(keras.config.floatx(), size=count)
        for i in tf.range(count):
            rows = {name: indices[i] for name, indices in batches.items()}
            with tf.GradientTape() as tape:
                batch, losses_of_layers = batch_of(data, rows, mask)
                terms = values(data, rows, batch, options)
                loss = terms[NEW_TASK.name] + head_l2 * tf.reduce_sum(tf.square(model.new_head.kernel.value))
                for loss_of_layers in losses_of_layers:
                    loss += loss_of_layers
                for term in losses:
                    if term is not NEW_TASK:
                        loss += weight * terms[term.name] if term.protects else terms[term.name]
            learning = {name: [w.value for w in weights[name]] for name in names if learns(name)}
            # Zeros where a reader's loss depends on less than it says: such weights stay.
            gradients = tape.gradient(loss, learning, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            for name in gradients:
                trains = mask[model.layer_names.index(name)] if fixed is None else name in fixed
                _apply(optimizers[name], gradients[name], weights[name], trains)
            new_task = new_task.write(i, terms[NEW_TASK.name])
        return new_task.stack()

    return tf.function(updates, input_signature=signature)


def input_signature(
    model: TransferModel,
    losses: tuple[LossTerm, ...],
    prefix: FrozenPrefix,
    batch_size: int,
    recorded: dict[str, dict[str, tuple[int, ...]]],
    image_types: dict[str, tf.DType],
) -> list:
    """The types and shapes of the arguments of `traced_updates`' function, for any number of images and updates.

    Args:
        model: The network.
        losses: The terms of the loss.
        prefix: The frozen part of the network.
        batch_size: The number of images in a batch.
        recorded: The shapes of what the terms record of one image, by term and name.
        image_types: The types in which the "old" and the "new" task's images are held.
    """
    real = keras.config.floatx()
    features = {
        task: tf.TensorSpec((None, *model.feature_shapes[prefix.computed]), real if prefix.computed else held)
        for task, held in image_types.items()
    }
    data = {"features": features["new"], "labels": tf.TensorSpec((None,), tf.int32)}
    data["recorded"] = {
        term: {name: tf.TensorSpec((None, *shape), real) for name, shape in shapes.items()}
        for term, shapes in recorded.items()
    }
    weights = {
        block.name: [tf.TensorSpec(weight.shape, real) for weight in model.trainable_weights(block.name)]
        for block in model.blocks
    }
    data["prepared"] = {term.name: dict.fromkeys(term.prepare, weights) for term in losses if term.prepare}
    rows = {"new": tf.TensorSpec((None, batch_size), tf.int32)}
    if any(term.rehearses for term in losses):
        data |= {"rehearsed": features["old"], "rehearsed labels": data["labels"]}
        rows["old"] = rows["new"]
    layers = tf.TensorSpec((len(model.layer_names),), tf.bool)
    number = tf.TensorSpec((), real)
    options = {option.name: number for term in losses for option in term.options}
    return [data, rows, layers, number, options, number]


def trace(updates: Callable) -> None:
    """Have the function of `traced_updates` traced, without an update.

    Raises:
        SettingsError: Where a term of the loss gives something that isn't allowed.
    """
    try:
        updates(*arguments_without_updates(updates.input_signature))
    except Exception as error:  # AutoGraph wraps what comes out of the traced function
        if isinstance(error.__context__, SettingsError):
            raise error.__context__ from None
        raise


def arguments_without_updates(signature: list) -> list:
    """Arguments with which the function makes no update, to have it traced."""

    def blank(spec):
        return tf.zeros([1 if size is None else size for size in spec.shape], spec.dtype)

    data, rows, *others = tf.nest.map_structure(blank, signature)
    return [data, {name: indices[:0] for name, indices in rows.items()}, *others]


def _apply(optimizer, gradients, weights, trains):
    if trains is True:
        optimizer.apply(gradients, weights)
        return

    def learn():
        optimizer.apply(gradients, weights)
        return True

    tf.cond(trains, learn, lambda: False)
