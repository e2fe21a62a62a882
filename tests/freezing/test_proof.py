"""What track_weights and changed_weights see, bit by bit."""

import re

import keras
import numpy as np
import pytest
from keras import layers

from utils.freezing import changed_weights, track_weights, weights_of
from utils.models import pretrained


def make_model():
    base = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, name="low"), layers.BatchNormalization(name="norm")], name="base"
    )
    return keras.Sequential([keras.Input((4,)), base, layers.Dropout(0.5), layers.Dense(2, name="head")], name="whole")


def test_a_single_bit_counts():
    weights = {"a": np.ones(3, "float32"), "b": np.zeros(2, "float32"), "c": [np.ones(2), np.full(1, np.nan)]}
    other = {
        name: [np.copy(part) for part in value] if name == "c" else value.copy() for name, value in weights.items()
    }
    assert changed_weights(weights, other) == ()
    other["a"][1] = np.nextafter(np.float32(1), np.float32(2))
    assert changed_weights(weights, other) == ("a",)
    other["b"][0] = -0.0
    assert changed_weights(weights, other) == ("a", "b")
    other["c"][0][0] = 2
    assert changed_weights(weights, other) == ("a", "b", "c")
    assert changed_weights({"a": np.zeros(2)}, {"a": np.zeros((2, 1))}) == ("a",)


def test_names_must_agree():
    with pytest.raises(ValueError, match="b, c isn't in both"):
        changed_weights({"a": np.ones(1), "b": np.ones(1)}, {"a": np.ones(1), "c": np.ones(1)})


def test_on_snapshots_of_our_networks():
    network = pretrained("digits-drawings")
    before = network.snapshot()
    network.new_head.bias.assign(network.new_head.bias + 1)
    assert changed_weights(before, network.snapshot()) == ("new_head",)


def test_weights_of_are_copies_with_paths():
    model = make_model()
    before = weights_of(model)
    assert list(before) == [
        "base/low/kernel", "base/low/bias",
        "base/norm/gamma", "base/norm/beta",
        "base/norm/moving_mean", "base/norm/moving_variance",
        "head/kernel", "head/bias",
    ]  # fmt: skip
    model.get_layer("head").bias.assign([1.0, 2.0])
    assert changed_weights(before, weights_of(model)) == ("head/bias",)


def test_what_is_believed_listed_and_seen():
    model = make_model()
    base, head = model.get_layer("base"), model.get_layer("head")
    base.get_layer("low").trainable = False
    base.get_layer("norm").gamma.trainable = False
    with track_weights(model, frozen=["base"]) as seen:
        assert seen.rows == () and "hasn't ended" in repr(seen)
        base.get_layer("norm").moving_mean.assign([0.0, 0.25, 0.0])
        head.trainable = False  # too late to count as listed
    assert [(row.layer, row.belief, row.keras_state, row.changed, row.largest_change) for row in seen.rows] == [
        ("base/low", "frozen", "frozen", (), 0),
        ("base/norm", "frozen", "in part", ("moving_mean",), 0.25),
        ("head", "trained", "trained", (), 0),
    ]
    assert seen.changed == ("base/norm",) and seen.unchanged == ("base/low", "head")
    assert list(seen.surprises) == ["base/norm", "head"]
    assert re.search("you .*frozen.* moved$", seen.surprises["base/norm"])
    assert re.search("you .*trained.* still$", seen.surprises["head"])
    frame = seen.to_frame()
    assert list(frame["moved"]) == ["nothing", "moving_mean", "nothing"] and "0.25" in repr(seen)


def test_without_a_belief_keras_is_taken_at_its_word():
    model = make_model()
    model.get_layer("head").trainable = False
    with track_weights(model) as seen:
        model.get_layer("head").bias.assign([1.0, 2.0])
        model.get_layer("base").get_layer("low").bias.assign([1.0, 2.0, 3.0])
    assert list(seen.surprises) == ["base/norm", "head"]
    assert re.search("^Keras .*trained.* still$", seen.surprises["base/norm"])
    assert re.search("^Keras .*frozen.* moved$", seen.surprises["head"])


def test_shared_layers_and_equal_names_have_a_row_each():
    def branch(name):
        return keras.Sequential([keras.Input((4,)), both, layers.Dense(2, name="own")], name=name)

    x, both = keras.Input((4,)), layers.Dense(4, name="both")
    model = keras.Model(x, layers.Add()([branch("left")(x), branch("right")(x)]), name="twins")
    with track_weights(model) as seen:
        both.bias.assign([1.0, 0.0, 0.0, 0.0])
    assert [row.layer for row in seen.rows] == ["left/both", "left/own", "right/own"]
    assert seen.changed == ("left/both",)


def test_what_is_refused():
    with pytest.raises(ValueError, match="isn't built yet"), track_weights(keras.Sequential([layers.Dense(2)])):
        pass
    with pytest.raises(ValueError, match="^frozen: 'whole' .*'lwo'; near: low"), track_weights(make_model(), ["lwo"]):
        pass


def test_an_error_in_the_block_comes_through_and_what_had_moved_is_told():
    model = make_model()
    with pytest.raises(ZeroDivisionError), track_weights(model) as seen:
        model.get_layer("head").bias.assign([1.0, 0.0])
        1 / 0  # noqa: B018
    assert seen.changed == ("head",)


def test_a_layer_without_anything_to_train_surprises_nobody():
    norm = layers.Normalization(name="adapted")
    norm.adapt(np.arange(8.0).reshape(2, 4))
    model = keras.Sequential([keras.Input((4,)), norm, layers.Dense(2, name="head")])
    with track_weights(model, frozen=[]) as seen:
        pass
    assert (seen.rows[0].belief, seen.rows[0].keras_state, seen.rows[0].surprise) == ("", "statistics", "")
    with track_weights(model) as seen:
        norm.adapt(np.ones((2, 4)))
    assert seen.rows[0].changed == ("mean", "variance") and seen.rows[0].surprise == ""
    with track_weights(model, frozen=["adapted"]) as seen:
        norm.adapt(np.zeros((2, 4)))
    assert re.search("you .*frozen.* moved$", seen.rows[0].surprise)
