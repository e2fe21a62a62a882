"""A loss term that the project doesn't have, as a reader would write it in a cell: weights held by their importance.

Elastic weight consolidation (Kirkpatrick et al., PNAS 2017, equation 3), with the squared gradients of 40 old images
for the Fisher information, divided by their mean; how important every weight is at least is a number to turn.
"""

import tensorflow as tf

from utils.strategies import LossOption, LossTerm, Strategy, WeightCode, cross_entropy


def importance(checkpoint):
    """How much each weight matters to the old task: its squared gradient, one image after another."""
    model = checkpoint.model
    weights = {block.name: [weight.value for weight in model.trainable_weights(block.name)] for block in model.blocks}
    found = tf.nest.map_structure(tf.zeros_like, weights)
    for i in range(40):
        with tf.GradientTape() as tape:
            logits = model.keras_model("old")(checkpoint.old_images[i : i + 1])
            loss = cross_entropy(logits, checkpoint.old_labels[i : i + 1])
        found = tf.nest.map_structure(lambda sum_, g: sum_ + g**2, found, tape.gradient(loss, weights))
    flat = tf.concat([tf.reshape(array, [-1]) for array in tf.nest.flatten(found)], 0)
    return tf.nest.map_structure(lambda array: array / tf.reduce_mean(flat), found)


def held(batch):
    """½ Σ (F + floor) (θ − θ*)²."""
    total = 0
    for block, weights in batch.weights.items():
        start, matters = batch.prepared["start"][block], batch.prepared["importance"][block]
        for now, then, factor in zip(weights, start, matters, strict=True):
            total += tf.reduce_sum((factor + batch.options["floor"]) * (now - then) ** 2) / 2
    return total


IN_KERAS = WeightCode(
    '''
class Held(keras.regularizers.Regularizer):
    """λ/2 Σ (F + floor) (θ − θ*)²: pulls a weight back the more, the more it matters to the old task."""

    def __init__(self, start, importance):
        self.start, self.importance = start, importance

    def __call__(self, weight):
        distance = keras.ops.square(weight - self.start)
        return old_loss_weight / 2 * keras.ops.sum((self.importance + floor) * distance)
''',
    """
kept = [weight for name in BACKBONE for weight in network[name].trainable_weights]
squares = [0 * weight.value for weight in kept]
for i in range(40):
    with tf.GradientTape() as tape:
        wrong = tf.nn.sparse_softmax_cross_entropy_with_logits(old_y[i : i + 1], old_task(old_x[i : i + 1]))
    gradients = tape.gradient(wrong, [weight.value for weight in kept])
    squares = [square + gradient**2 for square, gradient in zip(squares, gradients)]
mean = tf.reduce_mean(tf.concat([tf.reshape(square, [-1]) for square in squares], 0))
for weight, square in zip(kept, squares):
    weight.regularizer = Held(weight.numpy(), (square / mean).numpy())
""",
)

IMPORTANCE = LossTerm(
    "importance",
    "½ Σ (F + floor) (θs − θs*)²",
    held,
    source="Kirkpatrick et al. 2017, equation 3",
    old_images="before training",
    options=(LossOption("floor", 0.1, 0, 10, label="floor", description="the least importance of a weight"),),
    prepare={"start": lambda checkpoint: checkpoint.weights(), "importance": importance},
    code=IN_KERAS,
)
EWC = Strategy(
    "elastic weight consolidation",
    trains=("backbone", "new_head"),
    losses=("new task", IMPORTANCE),
    weight=0.01,
    idea="the backbone learns, but weights that matter to the old task are pulled back",
    source="Kirkpatrick et al., Overcoming catastrophic forgetting in neural networks, PNAS 2017",
)
