"""One update, as a traced function: a batch in, a loss made of the strategy's terms, a step of every trained layer."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import keras
import tensorflow as tf

from utils.models import EXPANSION, NEW_HEAD, OLD_HEAD, TransferModel
from utils.strategies.loss_term import Batch, LossTerm
from utils.strategies.losses import NEW_TASK


@dataclass(frozen=True)
class Material:
    """What is learnt from, and what the loss terms have prepared.

    Attributes:
        images: of the new task, (N, height, width, channels).
        labels: theirs, (N,).
        old_images: of the old task, where each update takes some.
        old_labels: theirs.
        recorded: what each term has recorded of each new image, by the term's name and its own, (N, ...).
        prepared: what each term has prepared for each weight of the backbone, by the term's name, its own and block.
    """

    images: tf.Tensor
    labels: tf.Tensor
    old_images: tf.Tensor | None = None
    old_labels: tf.Tensor | None = None
    recorded: dict[str, dict[str, tf.Tensor]] = field(default_factory=dict)
    prepared: dict[str, dict[str, dict[str, list[tf.Tensor]]]] = field(default_factory=dict)


@dataclass(frozen=True)
class FrozenPrefix:
    """How much of the prefix stands still: blocks that are frozen, and of them those whose outputs are known."""

    computed: int
    frozen: int


def learning_layers(model: TransferModel, losses: tuple[LossTerm, ...], frozen: int) -> list[str]:
    """The layers behind the frozen prefix that a loss reaches, from the input to the heads."""
    reached = {term.head for term in losses}
    names = [block.name for block in model.blocks[frozen:]]
    names += [EXPANSION] if model.expansion else []
    return names + [head for head in (OLD_HEAD, NEW_HEAD) if head in reached]


def traced_updates(
    model: TransferModel,
    losses: tuple[LossTerm, ...],
    prefix: FrozenPrefix,
    signature: list,
    optimizers: dict,
    fixed: tuple[str, ...] | None = None,
) -> Callable:
    """A function that makes many updates, and gives the new task's loss at each, before its step.

    It takes `data` (see `specification`), indices of the batches, which layers train, λ, the options of the terms, and
    the factor of the sum of squares of the new head's kernel (`Settings.head_l2`).

    Args:
        model: the network.
        losses: the terms of the loss.
        prefix: what of the network stands still.
        signature: what goes in, from `specification`.
        optimizers: by layer.
        fixed: the layers that train, where a trace of its own for these is wanted: in a deep network a trace that can
            train any takes many times as long, and as much memory. None for a mask that is given at each call.
    """
    names = learning_layers(model, losses, prefix.frozen)
    weights = {name: model.trainable_weights(name) for name in names}
    blocks = [block.name for block in model.blocks[prefix.frozen :]]
    batch_size = signature[1]["new"].shape[1]
    rehearses = any(term.rehearses for term in losses)

    def learns(name):
        return fixed is None or name in fixed

    def batch_of(data, rows, mask):
        """What all terms look at."""
        images = tf.gather(data["features"], rows["new"])
        if rehearses:
            images = tf.concat([images, tf.gather(data["rehearsed"], rows["old"])], 0)
        mask = mask if fixed is None else [name in fixed for name in model.layer_names]
        before, features = run_blocks(model, images, prefix, mask)
        old, new = model.logits(before, features, lambda x: _run_block(model, model.expansion, x, mask))
        return Batch(
            logits={OLD_HEAD: old[:batch_size], NEW_HEAD: new[:batch_size]},
            labels=tf.gather(data["labels"], rows["new"]),
            features=features[:batch_size],
            weights={name: [weight.value for weight in weights[name]] for name in blocks},
            old_logits=old[batch_size:] if rehearses else None,
            old_labels=tf.gather(data["rehearsed labels"], rows["old"]) if rehearses else None,
        )

    def values(data, rows, batch, options):
        """The value of each term, by its name."""
        found = {}
        for term in losses:
            recorded = {name: tf.gather(data["recorded"][term.name][name], rows["new"]) for name in term.record}
            prepared = data["prepared"][term.name] if term.prepare else {}
            prepared = {name: {block: arrays[block] for block in blocks} for name, arrays in prepared.items()}
            own = {option.name: options[option.name] for option in term.options}
            value = term.value(replace(batch, recorded=recorded, prepared=prepared, options=own))
            found[term.name] = tf.convert_to_tensor(value, keras.config.floatx())  # a sum over nothing is a plain 0
        return found

    def updates(data, batches, mask, weight, options, head_l2):
        count = tf.shape(batches["new"])[0]
        new_task = tf.TensorArray(keras.config.floatx(), size=count)
        for i in tf.range(count):
            rows = {name: indices[i] for name, indices in batches.items()}
            with tf.GradientTape() as tape:
                terms = values(data, rows, batch_of(data, rows, mask), options)
                loss = terms[NEW_TASK.name] + head_l2 * tf.reduce_sum(tf.square(model.new_head.kernel.value))
                for term in losses:
                    if term is not NEW_TASK:
                        loss += weight * terms[term.name] if term.protects else terms[term.name]
            gradients = tape.gradient(loss, {name: [w.value for w in weights[name]] for name in names if learns(name)})
            for name in gradients:
                trains = mask[model.layer_names.index(name)] if fixed is None else name in fixed
                _apply(optimizers[name], gradients[name], weights[name], trains)
            new_task = new_task.write(i, terms[NEW_TASK.name])
        return new_task.stack()

    return tf.function(updates, input_signature=signature)


def specification(
    model: TransferModel,
    losses: tuple[LossTerm, ...],
    prefix: FrozenPrefix,
    batch_size: int,
    recorded: dict[str, dict[str, tuple[int, ...]]],
) -> list:
    """What goes into the traced function: types and shapes, the number of images and of updates left open.

    recorded: the shapes of what the terms record of an image, as in `Material.recorded`.
    """
    real = keras.config.floatx()
    features = tf.TensorSpec((None, *model.feature_shapes[prefix.computed]), real)
    data = {"features": features, "labels": tf.TensorSpec((None,), tf.int32)}
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
        data |= {"rehearsed": features, "rehearsed labels": data["labels"]}
        rows["old"] = rows["new"]
    layers = tf.TensorSpec((len(model.layer_names),), tf.bool)
    number = tf.TensorSpec((), real)
    options = {option.name: number for term in losses for option in term.options}
    return [data, rows, layers, number, options, number]


def no_updates(signature: list) -> list:
    """Arguments with which the traced function makes no update: to have it traced."""

    def blank(spec):
        return tf.zeros([1 if size is None else size for size in spec.shape], spec.dtype)

    data, rows, *others = tf.nest.map_structure(blank, signature)
    return [data, {name: indices[:0] for name, indices in rows.items()}, *others]


def run_blocks(model: TransferModel, x, prefix: FrozenPrefix, mask) -> tuple[tf.Tensor, tf.Tensor]:
    """What goes into the last block, and what comes out. A frozen block acts as at inference: its statistics stay."""
    before = x
    for i, block in enumerate(model.blocks):
        if i >= prefix.computed:
            before, x = x, _run_block(model, block, x, mask) if i >= prefix.frozen else block(x)
    return before, x


def _run_block(model, block, x, mask):
    if not block.acts_differently_in_training:
        return block(x)
    trains = mask[model.layer_names.index(block.name)]
    if isinstance(trains, bool):
        return block(x, training=trains)
    return tf.cond(trains, lambda: block(x, training=True), lambda: block(x))


def _apply(optimizer, gradients, weights, trains):
    if trains is True:
        optimizer.apply(gradients, weights)
        return

    def learn():
        optimizer.apply(gradients, weights)
        return True

    tf.cond(trains, learn, lambda: False)
