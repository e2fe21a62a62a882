"""Which layers set_trainable means: by name, path, pattern and depth, in models of every kind; and what it refuses."""

import keras
import numpy as np
import pytest
from keras import layers

from utils.freezing import set_trainable, track_weights
from utils.models import pretrained

X = np.random.default_rng(0).random((8, 6), "float32")
Y = np.random.default_rng(1).integers(0, 3, 8)


def block(name):
    """Two blocks hold layers of the same names."""
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(6, name="dense"), layers.BatchNormalization(name="norm")], name=name
    )


class Subclassed(keras.Model):
    """Layers in attributes, in a list, and a weight of its own."""

    def __init__(self):
        super().__init__(name="subclassed")
        self.blocks = [block("block_1"), block("block_10"), block("block_2")]
        self.flat = layers.Flatten(name="flat")
        self.head = layers.Dense(3, name="head")
        self.scale = self.add_weight(shape=(6,), initializer="ones", name="scale")

    def call(self, x):
        for layer in self.blocks:
            x = layer(x)
        return self.head(self.flat(x * self.scale))


def subclassed():
    model = Subclassed()
    model(X)
    return model


def functional():
    x = keras.Input((6,))
    y = block("block_2")(block("block_10")(block("block_1")(x)))
    return keras.Model(x, layers.Dense(3, name="head")(layers.Flatten(name="flat")(y)), name="functional")


def attention():
    x = keras.Input((6,))
    y = layers.Reshape((3, 2))(x)
    y = layers.MultiHeadAttention(1, 2, name="attention")(y, y)
    y = layers.LSTM(4, name="lstm")(layers.LayerNormalization(name="norm")(y))
    return keras.Model(x, layers.Dense(3, name="head")(y), name="text")


def moved(model, *choice):
    set_trainable(model, *choice)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with track_weights(model) as seen:
        model.fit(X, Y, verbose=0)
    return {row.layer for row in seen.rows if row.changed}


BLOCK_1 = {"block_1/dense", "block_1/norm"}
BLOCK_10 = {"block_10/dense", "block_10/norm"}
BLOCK_2 = {"block_2/dense", "block_2/norm"}


@pytest.mark.slow
@pytest.mark.parametrize("make", [functional, subclassed])
@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (["block_1*"], BLOCK_1 | BLOCK_10),
        (["block_1"], BLOCK_1),
        (["block_1/dense", "head"], {"block_1/dense", "head"}),
        (["block_?/norm"], {"block_1/norm", "block_2/norm"}),
        (["dense"], {"block_1/dense", "block_10/dense", "block_2/dense"}),
        (["block_[!1]*", "*/dense"], BLOCK_2 | {"block_1/dense", "block_10/dense"}),
        (1, {"head"}),
        (3, BLOCK_2 | {"head"}),
        (slice(None, 2), BLOCK_1),
        (slice(-2, -1), {"block_2/norm"}),
    ],
    ids=lambda chosen: str(sorted(chosen)) if isinstance(chosen, set) else str(chosen),  # a set's order isn't fixed
)
def test_names_patterns_and_depths(make, choice, expected):
    assert moved(make(), choice) == expected


def test_nothing_by_depth():
    model = functional()
    set_trainable(model, 0)
    assert model.trainable_weights == []


def test_a_model_s_own_weights_go_by_its_name():
    model = subclassed()
    set_trainable(model, ["head"])
    assert not model.scale.trainable
    set_trainable(model, ["subclassed"])
    assert model.scale.trainable and len(model.trainable_weights) == 3 * 4 + 2 + 1
    set_trainable(model, ["*"])
    assert model.scale.trainable


@pytest.mark.slow
def test_layers_of_several_parts_count_as_one():
    assert moved(attention(), 2) == {"lstm/lstm_cell", "head"}
    parts = {f"attention/{part}" for part in ("query", "key", "value", "attention_output")}
    assert moved(attention(), ["attention"]) == parts
    assert moved(attention(), slice(1)) == parts


def test_a_shared_layer_counts_once():
    x, both = keras.Input((6,)), layers.Dense(6, name="both")
    model = keras.Model(x, layers.Dense(3, name="head")(both(both(x))))
    assert moved(model, slice(0, 1)) == {"both"}
    with pytest.raises(ValueError, match="from 0 to 2"):
        set_trainable(model, 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("choice", "says"),
    [
        (["blok_1"], "layers: .*'functional' .*'blok_1'; near: block_1"),
        (["stage*"], r"matches 'stage\*'; near: block_1, block_10"),
        (["head", "head"], "twice: 'head'"),
        (["block_1/dense", "block_1", "block_1/dense"], "twice.*'block_1/dense'"),
        (["dense", "block_2/dense"], "'dense' and 'block_2/dense' .*same"),
        (["head", 3], "3 is no name.*layers=3"),
        ([None], r"None is no name.*\['head'\]"),
        ([layers.Dense(2, name="high")], "Dense name=high, .* is no name of a layer; give its name, 'high'$"),
        (b"head", "b'head' is no list of names"),
        (8, "8 must be from 0 to 7.*'functional'"),
        (-1, "-1 must be from 0 to 7"),
        (True, "True is no list"),
        (slice("a", None), r"slice\('a', None, None\) .*whole numbers"),
        (slice(0, 3, "a"), "whole numbers"),
        (slice(0, 3, 0), "whole numbers"),
        (np.int64(8), "8 must be from 0 to 7"),
        (2.0, "2.0 is no list .*slice"),
        ("head", r"'head' is a text.*\['head'\]"),
    ],
    ids=str,
)
def test_what_is_refused(choice, says):
    model = functional()
    flags = [layer.trainable for layer in model._flatten_layers()]
    with pytest.raises(ValueError, match=says):
        set_trainable(model, choice)
    assert [layer.trainable for layer in model._flatten_layers()] == flags


def test_a_long_list_of_names_is_cut():
    model = keras.Sequential([keras.Input((6,)), *(layers.Dense(1, name=f"part{i:02d}") for i in range(20))])
    with pytest.raises(ValueError, match="near: part00, .*part11, .*8 more"):
        set_trainable(model, ["zzz"])


@pytest.mark.slow
def test_models_without_weights_or_no_models_are_refused():
    with pytest.raises(ValueError, match="'empty' has no weights"):
        set_trainable(keras.Sequential([keras.Input((6,)), layers.Flatten()], name="empty"), [])
    with pytest.raises(ValueError, match="'subclassed' isn't built yet"):
        set_trainable(Subclassed(), ["head"])
    with pytest.raises(ValueError, match="^model=<Dense .*> is not allowed: give a keras.Model.$"):
        set_trainable(layers.Dense(3), ["head"])
    with pytest.raises(ValueError, match=r"^model=.*TransferModel.* is not allowed: give its keras_model\('new'\)\.$"):
        set_trainable(pretrained("digits-drawings"), ["new_head"])


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        (["flat"], "'flat', without weights.*layers=0"),
        (slice(50, 60), "no layer, without weights"),
    ],
)
def test_a_choice_without_weights_is_refused(choice, complaint):
    model = functional()
    before = [weight.trainable for weight in model.weights]
    with pytest.raises(ValueError, match=complaint):
        set_trainable(model, choice)
    assert [weight.trainable for weight in model.weights] == before


def test_a_layer_with_lora_learns_by_its_update_alone():
    low = layers.Dense(5, name="low")
    model = keras.Sequential([keras.Input((6,)), low, layers.Dense(3, name="head")])
    low.enable_lora(2)
    set_trainable(model, ["head"])
    set_trainable(model, ["low"])  # Keras alone would free the kernel now: its flag was False and is True again
    learning = {weight.path.split("/")[-1] for weight in model.trainable_weights}
    assert learning == {"bias", "lora_kernel_a", "lora_kernel_b"}
    assert not low._kernel.trainable
