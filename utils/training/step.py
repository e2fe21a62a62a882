"""One update, as a traced function: a batch in, a loss made of the strategy's terms, a step of every trained layer."""

from collections.abc import Callable
from dataclasses import dataclass, field

import keras
import tensorflow as tf

from utils.models import EXPANSION, NEW_HEAD, OLD_HEAD, TransferModel
from utils.strategies.losses import LOSSES, Batch


@dataclass(frozen=True)
class Material:
    """What is learnt from. images (N, height, width, channels) and labels (N,) of the new task; of the old task where
    a loss needs them; recorded: what the checkpoint said about the new images, by name, (N, ...).
    """

    images: tf.Tensor
    labels: tf.Tensor
    old_images: tf.Tensor | None = None
    old_labels: tf.Tensor | None = None
    recorded: dict[str, tf.Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class FrozenPrefix:
    """How much of the prefix stands still: blocks that are frozen, and of them those whose outputs are known."""

    computed: int
    frozen: int


def learning_layers(model: TransferModel, losses: tuple[str, ...], frozen: int) -> list[str]:
    """The layers behind the frozen prefix that a loss reaches, from the input to the heads."""
    reached = {LOSSES[name].head for name in losses}
    names = [block.name for block in model.blocks[frozen:]]
    names += [EXPANSION] if model.expansion else []
    return names + [head for head in (OLD_HEAD, NEW_HEAD) if head in reached]


def traced_updates(
    model: TransferModel,
    losses: tuple[str, ...],
    prefix: FrozenPrefix,
    batch_size: int,
    start: dict,
    optimizers: dict,
    fixed: tuple[str, ...] | None = None,
) -> Callable:
    """A function that makes many updates, and gives the new task's loss at each, before its step.

    losses: names in `LOSSES`. start: the weights at the checkpoint, by block. optimizers: by layer.
    fixed: the layers that train, where a trace of its own for these is wanted: in a deep network a trace that can train
    any takes many times as long, and as much memory. None for a mask that is given at each call.
    What the function takes: `data` (see `specification`), indices of the batches, which layers train, λ, T, and the
    factor of the sum of squares of the new head's kernel (`Settings.head_l2`).
    """
    names = learning_layers(model, losses, prefix.frozen)
    weights = {name: model.trainable_weights(name) for name in names}
    blocks = [block.name for block in model.blocks[prefix.frozen :]]
    rehearses = "old task" in losses

    def learns(name):
        return fixed is None or name in fixed

    def batch_of(data, rows, mask, temperature):
        images, old = tf.gather(data["features"], rows["new"]), {}
        if rehearses:
            images = tf.concat([images, tf.gather(data["rehearsed"], rows["old"])], 0)
            old["labels"] = tf.gather(data["rehearsed labels"], rows["old"])
        mask = mask if fixed is None else [name in fixed for name in model.layer_names]
        before, features = run_blocks(model, images, prefix, mask)
        answers = model.logits(before, features, lambda x: _run_block(model, model.expansion, x, mask))
        if rehearses:
            old["logits"] = answers[0][batch_size:]
        return Batch(
            logits={OLD_HEAD: answers[0][:batch_size], NEW_HEAD: answers[1][:batch_size]},
            labels=tf.gather(data["labels"], rows["new"]),
            features=features[:batch_size],
            weights=[weight.value for name in blocks for weight in weights[name]],
            start=[value for name in blocks for value in start.get(name, ())],
            old_logits=old.get("logits"),
            old_labels=old.get("labels"),
            recorded={name: tf.gather(data[name], rows["new"]) for name in _recorded(losses)},
            temperature=temperature,
        )

    def updates(data, batches, mask, weight, temperature, head_l2):
        count = tf.shape(batches["new"])[0]
        new_task = tf.TensorArray(keras.config.floatx(), size=count)
        for i in tf.range(count):
            with tf.GradientTape() as tape:
                batch = batch_of(data, {name: rows[i] for name, rows in batches.items()}, mask, temperature)
                terms = {name: LOSSES[name].value(batch) for name in losses}
                loss = terms["new task"] + head_l2 * tf.reduce_sum(tf.square(model.new_head.kernel.value))
                for name, term in terms.items():
                    if LOSSES[name].protects:
                        loss += weight * term
            gradients = tape.gradient(loss, {name: [w.value for w in weights[name]] for name in names if learns(name)})
            for name in gradients:
                trains = mask[model.layer_names.index(name)] if fixed is None else name in fixed
                _apply(optimizers[name], gradients[name], weights[name], trains)
            new_task = new_task.write(i, terms["new task"])
        return new_task.stack()

    return tf.function(updates, input_signature=specification(model, losses, prefix, batch_size))


def specification(model: TransferModel, losses, prefix: FrozenPrefix, batch_size: int) -> list:
    """What goes into the traced function: types and shapes, the number of images and of updates left open."""
    real = keras.config.floatx()
    features = tf.TensorSpec((None, *model.feature_shapes[prefix.computed]), real)
    shapes = {"old outputs": model.old_head.units, "old features": model.feature_shapes[-1][0]}
    data = {"features": features, "labels": tf.TensorSpec((None,), tf.int32)}
    data |= {name: tf.TensorSpec((None, shapes[name]), real) for name in _recorded(losses)}
    rows = {"new": tf.TensorSpec((None, batch_size), tf.int32)}
    if "old task" in losses:
        data |= {"rehearsed": features, "rehearsed labels": data["labels"]}
        rows["old"] = rows["new"]
    layers = tf.TensorSpec((len(model.layer_names),), tf.bool)
    return [data, rows, layers, *[tf.TensorSpec((), real)] * 3]


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


def _recorded(losses):
    return [LOSSES[name].stores for name in losses if LOSSES[name].stores in ("old outputs", "old features")]


def _apply(optimizer, gradients, weights, trains):
    if trains is True:
        optimizer.apply(gradients, weights)
        return

    def learn():
        optimizer.apply(gradients, weights)
        return True

    tf.cond(trains, learn, lambda: False)
