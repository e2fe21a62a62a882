"""Networks drawn at random, with all that `fit` honours, and how far a run of each is from Keras's own `fit`.

In double precision, in a process of its own: `python -m tests.user_model.drawn_models SEED ...` compares the networks
of these seeds, and prints what it found as JSON, a line for each.
"""

import json
import sys
import traceback

import keras
import numpy as np
from keras import constraints, layers, regularizers

from tests.training.comparing import engine_for, live
from utils.keras_internals import flat_layers
from utils.models import NEW_HEAD, pretrained
from utils.tasks import Task
from utils.tasks.task import PARTS
from utils.training.batches import Batches, choose_images
from utils.user_model import own_model

COUNT, CLASSES, UPDATES, BATCH = 24, 3, 4, 12


@keras.saving.register_keras_serializable("tests")
class Shrinking(layers.Layer):
    """A layer of a reader's own that adds a loss in its call."""

    def call(self, x):
        self.add_loss(0.05 * keras.ops.mean(keras.ops.square(x)))
        return x


@keras.saving.register_keras_serializable("tests")
class Shaken(layers.Layer):
    """A layer of a reader's own that is random in training, and counts its calls there."""

    def __init__(self, seed=None, **others):
        super().__init__(**others)
        self.generator = keras.random.SeedGenerator(seed)

    def build(self, shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

    def call(self, x, training=False):
        if not training:
            return x
        if self.trainable:
            self.calls.assign_add(1.0)
        return x + keras.random.normal(keras.ops.shape(x), stddev=0.1, dtype=x.dtype, seed=self.generator)


@keras.saving.register_keras_serializable("tests")
class Doubled(layers.Layer):
    """A layer of a reader's own that acts differently in training, frozen or not, with a generator in a list."""

    def __init__(self, seed=None, **others):
        super().__init__(**others)
        self.supports_masking, self.generators = True, [keras.random.SeedGenerator(seed)]

    def call(self, x, training=False):
        return keras.random.dropout(2.0 * x, 0.2, seed=self.generators[0]) if training else x


def draw(seed, flags=True):
    """A network and inputs for it. The same seed gives the same network, weights and all; `flags`: frozen by hand."""
    random = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    further = np.random.default_rng([seed, 1])  # what has been added since leaves the networks drawn before as they are

    def some(choices, share=0.4):
        return choices[random.integers(len(choices))]() if random.random() < share else None

    def weights():
        return {
            "kernel_regularizer": some([lambda: regularizers.L2(0.05), lambda: regularizers.L1(0.01)]),
            "bias_regularizer": some([lambda: regularizers.L2(0.1)], 0.2),
            "activity_regularizer": some([lambda: regularizers.L2(0.01)], 0.2),
            "kernel_constraint": some([lambda: constraints.MaxNorm(0.8), constraints.UnitNorm], 0.2),
        }

    def between():
        kinds = [
            lambda: layers.Dropout(0.3),
            lambda: layers.GaussianNoise(0.2),
            lambda: layers.GaussianDropout(0.2),
            lambda: layers.AlphaDropout(0.2),
            lambda: layers.BatchNormalization(momentum=0.7, gamma_regularizer=some([lambda: regularizers.L2(0.1)])),
            lambda: layers.LayerNormalization(),
            lambda: layers.UnitNormalization(),
            lambda: layers.ActivityRegularization(l2=0.01),
            lambda: layers.PReLU(shared_axes=None),
            Shrinking,
            Shaken,
        ]
        return [layer for _ in range(random.integers(3)) if (layer := some(kinds, 0.6))]

    def dense(units):
        layer = layers.Dense(units, activation=["relu", "tanh", None][random.integers(3)], **weights())
        if random.random() < 0.15 and flags:
            layer.trainable = False  # by hand: the board's switches decide, whatever flags there are
        return layer

    kind = ["rows", "images", "series"][random.integers(3)]
    if kind == "rows":
        inputs = keras.Input((6,))
        body = [*between(), dense(7), *between(), dense(5), *between()]
        if random.random() < 0.3:
            body.insert(random.integers(len(body)), keras.Sequential([dense(6), *between()]))
    elif kind == "images":
        inputs = keras.Input((8, 8, 2))
        augment = [
            lambda: layers.RandomFlip(),
            lambda: layers.RandomContrast(0.3),
            lambda: layers.RandomBrightness(0.3, value_range=(0, 1)),
        ]  # those that turn or move an image don't compute in double precision
        convolution = [
            lambda: layers.Conv2D(4, 3, padding="same", activation="relu", **weights()),
            lambda: layers.SeparableConv2D(4, 3, padding="same", pointwise_regularizer=regularizers.L2(0.05)),
            lambda: layers.DepthwiseConv2D(3, padding="same", depthwise_regularizer=regularizers.L2(0.05)),
        ]
        spatial = [lambda: layers.SpatialDropout2D(0.3), lambda: layers.GroupNormalization(2)]
        body = [layer for layer in (some(augment, 0.5), some(augment, 0.3)) if layer]
        body += [some(convolution, 1), *between(), *([some(spatial, 1)] if random.random() < 0.3 else [])]
        body += [layers.MaxPooling2D(), some(convolution, 1), *between()]
        body += [some([layers.GlobalAveragePooling2D, layers.Flatten], 1), dense(5), *between()]
    else:
        inputs = keras.Input((5, 3))
        dropped = {"dropout": 0.2 * random.integers(2), "recurrent_dropout": 0.2 * random.integers(2)}
        recurrent = [
            lambda: layers.LSTM(4, return_sequences=True, kernel_regularizer=regularizers.L2(0.05), **dropped),
            lambda: layers.GRU(4, return_sequences=True, recurrent_regularizer=regularizers.L2(0.05), **dropped),
            lambda: layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True, **dropped)),
            lambda: layers.TimeDistributed(dense(4)),
            lambda: layers.Conv1D(4, 2, padding="same", **weights()),
        ]
        body = [layers.Masking()] if random.random() < 0.4 else []
        body += [some(recurrent, 1), *between(), some(recurrent[:3], 1), layers.GlobalAveragePooling1D(), dense(5)]
    if further.random() < 0.4:
        body.insert(further.integers(1, len(body) + 1), Doubled())
    x = inputs
    for layer in body:
        y = layer(x)
        residual = y.shape == x.shape and kind == "rows" and random.random() < 0.3
        x = layers.Add()([x, y]) if residual else y
    model = keras.Model(inputs, layers.Dense(4, name="last")(x), name=f"drawn_{seed}")
    for layer in model.layers:
        learns_in_two = isinstance(layer, layers.Dense) and layer.name != "last" and random.random() < 0.15
        # In double precision, Keras's own fit can't add up the penalty of a low-rank update, which it keeps in single.
        if learns_in_two and layer.kernel_constraint is None and layer.kernel_regularizer is None:
            layer.enable_lora(2, lora_alpha=int(further.integers(1, 5)))
        elif isinstance(layer, layers.Dense) and layer.name != "last" and further.random() < 0.3:
            layer.kernel.regularizer = regularizers.L2(0.05)  # set by hand, in place of what it was made with
    for weight in model.weights:  # no two alike, by which they are found again
        size = 0.4 if "kernel" in weight.name else 0.1
        start = np.abs(weight.numpy()) if weight.name in ("moving_variance", "calls") else weight.numpy()
        signs = 1 if weight.name == "moving_variance" else random.choice([-1, 1], weight.shape)
        weight.assign(start + signs * random.uniform(0, size, weight.shape))
    data = random.normal(0, 1, (2 * COUNT, *inputs.shape[1:]))
    if kind == "images":
        data = random.uniform(0, 1, data.shape)
    if kind == "series":
        data[::3, 3:] = 0  # what is masked, where anything is
    return model, data.astype("float32")


def compare(seed) -> dict:
    """A run and `fit` with the same layers trained: how far the weights are apart, and how far they went."""
    random = np.random.default_rng(1000 + seed)
    model, x = draw(seed)
    labels = np.arange(2 * COUNT, dtype="int32")
    old, new = (x[:COUNT], labels[:COUNT] % 4), (x[COUNT:], labels[COUNT:] % CLASSES)
    kept = [weight.numpy() for weight in model.weights]
    mine = own_model(model, _thrice(*old), _thrice(*new))
    untouched = all(np.array_equal(a, b.numpy()) for a, b in zip(kept, model.weights, strict=True))
    trained = tuple(name for name in mine.blocks if random.random() < 0.6)
    settings = mine.settings(
        trained_layers=(*trained, NEW_HEAD), optimizer="sgd", learning_rate=0.05, updates=UPDATES, batch_size=BATCH,
        evaluate_every=UPDATES, new_images=COUNT, seed=int(random.integers(100)),
    )  # fmt: skip
    begin = pretrained(mine.pair, settings.network, settings.seed)
    live(settings, chunk=2)
    with engine_for(settings) as engine:
        ours = engine.model.snapshot()
        begin.seed_random_layers(settings.seed)
        theirs = _fitted(seed, model, begin, trained, settings, mine.pair.new)
    apart = {name: _difference(ours[name], theirs[name]) for name in theirs}
    went = {name: _difference(ours[name], begin.snapshot()[name]) for name in theirs}
    layer_kinds = sorted({type(layer).__name__ for layer in flat_layers(model)})
    keras.backend.clear_session()
    return {"apart": apart, "went": went, "untouched": untouched, "trained": trained, "layers": layer_kinds}


def _thrice(x, y):
    """A task whose three parts hold the same examples: what is measured doesn't matter here."""
    arrays = {f"{name}_{part}": array for part in PARTS for name, array in (("x", x), ("y", y))}
    return Task(name="drawn", class_names=tuple("abcd"[: y.max() + 1]), **arrays)


def _fitted(seed, first, begin, trained, settings, new):
    """The weights by block after plain Keras on a network that was drawn again: `first` once more."""
    model, _ = draw(seed, flags=False)
    start = begin.snapshot()
    places = {block: [_place(array, first) for array in start[block]] for block in settings.network.layer_names}
    parts = flat_layers(model)
    owners = {id(weight): part for part in parts for weight in part.weights}  # the innermost comes last
    for block, numbers in places.items():
        for number in numbers if block not in trained else ():
            owners[id(model.weights[number])].trainable = False
    for part in parts:
        if getattr(part, "lora_enabled", False):
            part._kernel.trainable = False
    head = layers.Dense(CLASSES)
    network = keras.Model(model.input, head(model.layers[-1].input))
    head.set_weights([weight.numpy() for weight in begin.new_head.weights])
    states = [state for block in begin.blocks for state in block.seed_states]
    for state, value in zip(_seed_states(network), states, strict=True):
        state.assign(value)
    network.compile(
        keras.optimizers.SGD(settings.learning_rate, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    chosen = choose_images(new.y_train, COUNT, settings.seed)
    rows = Batches(COUNT, BATCH, settings.seed).rows(0, UPDATES).reshape(-1)
    x = new.x_train[chosen].astype(keras.config.floatx())  # not every layer converts what it is given
    network.fit(x[rows], new.y_train[chosen][rows], batch_size=BATCH, shuffle=False, verbose=0)
    weights = {block: [model.weights[number].numpy() for number in numbers] for block, numbers in places.items()}
    return weights | {NEW_HEAD: [weight.numpy() for weight in head.weights]}


def _place(array, model):
    """Which of the model's weights has these values."""
    (place,) = [i for i, w in enumerate(model.weights) if w.shape == array.shape and np.array_equal(w.numpy(), array)]
    return place


def _seed_states(network):
    weights = {id(weight) for weight in network.weights}
    return [variable for variable in network.variables if id(variable) not in weights and "seed" in variable.name]


def _difference(first, second):
    if [a.shape for a in first] != [b.shape for b in second]:
        return f"shapes {[a.shape for a in first]} and {[b.shape for b in second]}"
    return max((float(np.abs(a - b).max()) for a, b in zip(first, second, strict=True) if a.size), default=0.0)


def main(seeds) -> None:
    keras.config.set_floatx("float64")
    for seed in seeds:
        try:
            found = compare(seed)
        except Exception:  # of this network alone: the others are compared all the same
            found = {"error": traceback.format_exc()}
        print(json.dumps([seed, found]), flush=True)


if __name__ == "__main__":
    main(map(int, sys.argv[1:]))
