"""`ForgettingCallback` in plain `fit`: its numbers are those that one gets by hand, and Keras's loggers see them."""

import csv
import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from utils import ForgettingCallback

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(90, 6)).astype(np.float32), RNG.integers(0, 3, 90)
OLD_X, OLD_Y = RNG.normal(size=(50, 6)).astype(np.float32), RNG.integers(0, 3, 50)


def two_heads(activation=None):
    keras.utils.set_random_seed(1)
    x = keras.Input((6,))
    shared = layers.Dense(8, activation="relu", name="shared")(x)
    old = keras.Model(x, layers.Dense(3, activation=activation)(shared))
    new = keras.Model(x, layers.Dense(3, activation="softmax")(shared))
    new.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return old, new


def by_hand(model, from_logits):
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits), metrics=["accuracy"])
    return model.evaluate(OLD_X, OLD_Y, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize("activation", [None, "softmax"])
def test_numbers_as_keras_measures_them(activation):
    old, new = two_heads(activation)
    loss, before = by_hand(old, activation is None)
    callback = ForgettingCallback(OLD_X, OLD_Y, old_model=old, batch_size=16)
    history = new.fit(X, Y, epochs=4, verbose=0, callbacks=[callback]).history
    loss, after = by_hand(old, activation is None)
    assert callback.before == pytest.approx(before)
    assert history["old_accuracy"][-1] == pytest.approx(after)
    assert history["old_loss"][-1] == pytest.approx(loss, rel=1e-4)
    lost = [100 * (before - accuracy) for accuracy in history["old_accuracy"]]
    assert history["forgetting"] == pytest.approx(lost, abs=1e-5)
    assert len(set(history["old_loss"])) == 4


def _nested(x):
    return keras.Sequential([keras.Input((6,)), layers.Dense(3, activation="softmax")])(x)


def _operation(x):
    return keras.ops.softmax(layers.Dense(3)(x))


def _sigmoid(x):
    return keras.ops.sigmoid(layers.Dense(1)(x))


def _nested_sigmoid(x):
    return keras.Sequential([keras.Input((6,)), layers.Dense(1, activation="sigmoid"), layers.Dropout(0.1)])(x)


@pytest.mark.slow
@pytest.mark.parametrize("make", [_nested, _operation, _sigmoid, _nested_sigmoid])
def test_probabilities_are_known_wherever_they_are_made(make):
    keras.utils.set_random_seed(1)
    x = keras.Input((6,))
    model = keras.Model(x, make(x))
    single_unit = model.output_shape[-1] == 1
    model.compile("adam", "binary_crossentropy" if single_unit else "sparse_categorical_crossentropy")
    y, new_y = (OLD_Y > 0, Y > 0) if single_unit else (OLD_Y, Y)
    history = model.fit(X, new_y, epochs=1, verbose=0, callbacks=[ForgettingCallback(OLD_X, y.astype(int))]).history
    assert history["old_loss"][-1] == pytest.approx(model.evaluate(OLD_X, y, verbose=0), rel=1e-4)


@pytest.mark.slow
def test_a_frozen_backbone_forgets_nothing():
    old, new = two_heads()
    new.get_layer("shared").trainable = False
    new.compile("adam", "sparse_categorical_crossentropy")
    history = new.fit(X, Y, epochs=2, verbose=0, callbacks=[ForgettingCallback(OLD_X, OLD_Y, old)]).history
    assert history["forgetting"] == [0, 0]


@pytest.mark.slow
def test_the_first_before_stays_in_a_second_fit():
    old, new = two_heads()
    callback = ForgettingCallback(OLD_X, OLD_Y, old)
    new.fit(X, Y, epochs=3, verbose=0, callbacks=[callback])
    before = callback.before
    new.fit(X, Y, epochs=1, verbose=0, callbacks=[callback])
    assert callback.before == before


@pytest.mark.slow
def test_the_csv_file_has_the_columns(tmp_path):
    old, new = two_heads()
    callbacks = [ForgettingCallback(OLD_X, OLD_Y, old), keras.callbacks.CSVLogger(tmp_path / "log.csv")]
    history = new.fit(X, Y, epochs=3, verbose=0, callbacks=callbacks).history
    with open(tmp_path / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["forgetting"]) for row in rows] == pytest.approx(history["forgetting"])


@pytest.mark.slow
def test_every_second_epoch_repeats_the_last_numbers():
    old, new = two_heads()
    history = new.fit(X, Y, epochs=5, verbose=0, callbacks=[ForgettingCallback(OLD_X, OLD_Y, old, every=2)]).history
    losses = history["old_loss"]
    assert losses[1] == losses[2] != losses[3] == losses[4]


@pytest.mark.slow
def test_a_single_sigmoid_and_one_hot_labels():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    y = (OLD_Y > 0).astype(int)
    loss, before = model.evaluate(OLD_X, y, verbose=0)
    callback = ForgettingCallback(OLD_X, np.eye(2)[y])
    model.fit(X, (Y > 0).astype(int), epochs=1, verbose=0, callbacks=[callback])
    assert callback.before == pytest.approx(before)


@pytest.mark.slow
def test_labels_in_any_form_that_own_model_takes():
    """Each measures what whole numbers do."""
    _, new = two_heads()
    texts = np.array(["cat", "dog", "fox"])[OLD_Y]
    dataset = tf.data.Dataset.from_tensor_slices((OLD_X, OLD_Y)).batch(7)
    forms = [(OLD_X, OLD_Y), (OLD_X, OLD_Y.astype(float)), (OLD_X, OLD_Y[:, None]), (OLD_X, texts), (dataset,)]
    forms += [(tf.data.Dataset.from_tensor_slices((OLD_X, y)),) for y in (OLD_Y, OLD_Y[:, None], np.eye(3)[OLD_Y])]
    callbacks = [ForgettingCallback(*form) for form in forms]
    new.fit(X, Y, verbose=0, callbacks=callbacks)
    assert len({callback.before for callback in callbacks}) == 1
    assert ForgettingCallback(OLD_X, OLD_Y > 0)._y.tolist() == (OLD_Y > 0).astype(int).tolist()
    assert ForgettingCallback(OLD_X, OLD_Y * 2)._y.tolist() == (OLD_Y * 2).tolist()  # columns, though one is left out


@pytest.mark.parametrize(
    ("old_y", "given", "says"),
    [
        (OLD_Y[:-1], {}, r"^old_x, old_y: 50 .*\b49\b"),
        (OLD_Y + 0.5, {}, r"^old_x, old_y: y holds \d\.5, which is no class"),
        ({"y": OLD_Y}, {}, "^old_x, old_y: .*one array"),
        ([[1], [1, 2]], {}, "^old_x, old_y: .*one shape"),
        (OLD_Y - 1, {}, "^old_y holds -1, "),
        (OLD_Y, {"every": 0}, "^every=0 "),
        (OLD_Y, {"every": "a"}, "^every='a' is not allowed: it must be a whole number from 1"),
        (OLD_Y, {"batch_size": 0}, "^batch_size=0 is not allowed: it must be a whole number from 1"),
        (OLD_Y, {"batch_size": "a"}, "^batch_size='a' is not allowed"),
        (OLD_Y, {"from_logits": "no"}, "^from_logits='no' is not allowed: it must be True or False"),
        (OLD_Y, {"old_model": "m.keras"}, "^old_model='m.keras' is not allowed: give a keras.Model"),
    ],
)
def test_what_is_refused(old_y, given, says):
    with pytest.raises(ValueError, match=says):
        ForgettingCallback(OLD_X, old_y, **given)


WIDE = keras.Sequential([keras.Input((9,)), layers.Dense(3)], name="wide")
TWO = keras.Input((6,))
TWO_OUTPUTS = keras.Model(TWO, [layers.Dense(3)(TWO), layers.Dense(2)(TWO)], name="two")


@pytest.mark.parametrize(
    ("old_x", "old_model", "says"),
    [
        (OLD_X, WIDE, r"^old_x has the shape \(50, 6\), and 'wide' takes \(N, 9\): give the examples .*\.$"),
        (OLD_X.astype(str), WIDE, "^old_x holds <U32, and 'wide' takes float32: give an array of numbers.$"),
        (OLD_X, TWO_OUTPUTS, "^'two' has 2 outputs: give as old_model a classifier that takes one array .*one.$"),
    ],
)
def test_examples_that_the_model_does_not_take_are_refused_in_one_sentence(old_x, old_model, says):
    """At once where the model is given; else when the training begins."""
    with pytest.raises(ValueError, match=says):
        ForgettingCallback(old_x, OLD_Y, old_model)
    callback = ForgettingCallback(old_x, OLD_Y)
    callback.set_model(old_model)
    with pytest.raises(ValueError, match=says):
        callback.on_train_begin()


@pytest.mark.slow
def test_examples_as_keras_takes_them_are_taken():
    """Gray pictures without an axis for the channel; texts for a model that begins with texts; NumPy's numbers."""
    pictures = keras.Sequential([keras.Input((2, 3, 1)), layers.Flatten(), layers.Dense(3)])
    reading = layers.TextVectorization(vocabulary=["cat", "dog"], output_sequence_length=4)
    texts = keras.Sequential([keras.Input((), dtype="string"), reading, layers.Dense(3)])
    words = np.array(["cat", "dog"])[RNG.integers(0, 2, 50)]
    for old_x, model in [(OLD_X.reshape(-1, 2, 3), pictures), (words, texts)]:
        callback = ForgettingCallback(old_x, OLD_Y, model, batch_size=np.int64(16), every=np.int64(1))
        callback.on_train_begin()
        answers = model.predict(old_x if model is pictures else tf.constant(words), verbose=0)
        assert callback.before == pytest.approx((answers.argmax(axis=1) == OLD_Y).mean())


@pytest.mark.slow
def test_a_convolution_in_groups_is_measured_without_warnings_of_retracing(caplog, monkeypatch):
    logger = tf.get_logger()
    monkeypatch.setattr(logger, "propagate", True)
    caplog.set_level(logging.WARNING, "tensorflow")
    grouped = [keras.Input((2, 3, 2)), layers.Conv2D(4, 2, groups=2), layers.Flatten(), layers.Dense(3)]
    pictures = np.repeat(OLD_X.reshape(-1, 2, 3, 1), 2, axis=-1)
    ForgettingCallback(pictures, OLD_Y, keras.Sequential(grouped), batch_size=5).on_train_begin()
    assert not caplog.messages


def test_a_model_with_too_few_columns_is_told():
    _, new = two_heads()
    with pytest.raises(ValueError, match="old_y holds class 7.*give old_model"):
        new.fit(X, Y, verbose=0, callbacks=[ForgettingCallback(OLD_X, np.full(50, 7))])
