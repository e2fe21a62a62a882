"""`LiveCurves` in plain `fit`: the same figure, fed by Keras."""

import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from utils import ForgettingCallback, LiveCurves, set_trainable

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(96, 6)).astype(np.float32), RNG.integers(0, 3, 96)


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, activation="relu", name="low"), layers.Dense(3, name="head")]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


VALIDATION = X[50:], Y[50:]


def fit(model, curves, epochs=2):
    callbacks = [ForgettingCallback(X[:30], Y[:30]), curves]
    options = {"batch_size": 32, "epochs": epochs, "verbose": 0, "validation_data": VALIDATION}
    return model.fit(X, Y, callbacks=callbacks, **options).history


@pytest.mark.slow
def test_the_curves_are_those_of_the_history(model):
    curves = LiveCurves(shown=False)
    history = fit(model, curves)
    found = curves.record.history
    assert found["update"].tolist() == [0, 3, 6]
    for ours, keras_name in [("new_accuracy", "val_accuracy"), ("new_loss", "val_loss"), ("old_loss", "old_loss")]:
        assert found[ours][1:].tolist() == history[keras_name]
    assert found["training_loss"][[2, 5]] == pytest.approx(history["loss"])
    assert (found["drift"][1:] > 0).all() and found["drift"].shape == (3, 2) and not found["drift"][0].any()


@pytest.mark.slow
def test_both_tasks_from_before_the_first_update(model):
    loss, accuracy = model.evaluate(*VALIDATION, verbose=0)
    old_loss, old_accuracy = model.evaluate(X[:30], Y[:30], verbose=0)
    curves = LiveCurves(shown=False, validation_data=VALIDATION)
    history = fit(model, curves)
    fit(model, curves)  # goes on: it has its first point
    found = curves.record.history
    assert found["update"].tolist() == [0, 3, 6, 9, 12]
    first = [found[name][0] for name in ("new_loss", "new_accuracy", "old_loss", "old_accuracy")]
    assert first == pytest.approx([loss, accuracy, old_loss, old_accuracy], rel=1e-5)
    assert found["new_accuracy"][1:3].tolist() == history["val_accuracy"]
    batches = tf.data.Dataset.from_tensor_slices(VALIDATION).batch(16)
    again = LiveCurves(shown=False, validation_data=batches)
    fit(model, again, epochs=1)
    assert again.record.history["new_loss"][0] == pytest.approx(found["new_loss"][-1], rel=1e-5)


@pytest.mark.slow
def test_layers_frozen_between_two_fits(model):
    curves = LiveCurves(shown=False)
    fit(model, curves)
    set_trainable(model, ["head"])
    fit(model, curves)
    assert curves.record.spans == {"low": [(0, 6)], "head": [(0, 12)]}
    drift = curves.record.history["drift"]
    assert drift[4, 0] == drift[2, 0] and drift[4, 1] != drift[2, 1]


@pytest.mark.slow
def test_it_is_shown_once_and_leaves_a_picture(model, monkeypatch):
    from utils.widgets import live_curves

    shown, updated = [], []

    class Handle:
        def update(self, thing):
            updated.append(thing)

    monkeypatch.setattr(live_curves, "display", lambda thing, display_id: shown.append(thing) or Handle())
    curves = LiveCurves()
    fit(model, curves)
    fit(model, curves)
    assert shown == [curves] and updated == [curves, curves]
    kept = curves._repr_mimebundle_()
    assert kept["text/plain"] == "LiveCurves(12 updates, 4 epochs)"
    picture = np.asarray(Image.open(io.BytesIO(curves.still())).convert("L"))
    assert picture.shape[1] >= 760 and picture.std() > 10


@pytest.mark.slow
def test_without_validation_or_old_task(model):
    curves = LiveCurves(shown=False)
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[curves])
    found = curves.record.history
    assert np.isnan(found["new_loss"]).all() and np.isnan(found["old_loss"]).all()
    assert len(curves.still()) > 1000


@pytest.mark.slow
def test_the_axis_of_every_kind_of_fit(model):
    """A dataset of unknown length, a resumed fit, several steps in one call: three batches an epoch in each."""
    planned = []

    class Watching(LiveCurves):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            planned.append(self.record.settings.updates)

    curves = Watching(shown=False)
    unknown = tf.data.Dataset.from_tensor_slices((X, Y)).filter(lambda x, y: True).batch(32)
    model.fit(unknown, epochs=2, verbose=0, callbacks=[curves])
    assert planned == [2, 2, 3, 6, 6, 6] and curves.record.history["update"].tolist() == [3, 6]
    planned.clear()
    model.fit(X, Y, batch_size=32, initial_epoch=5, epochs=7, verbose=0, callbacks=[curves])
    assert planned == [12] * 6 and curves.record.history["update"].tolist() == [3, 6, 9, 12]
    planned.clear()
    model.compile("adam", model.loss, steps_per_execution=3)
    model.fit(X, Y, batch_size=32, epochs=2, verbose=0, callbacks=[curves])
    assert planned == [18] * 2 and curves.record.history["update"].tolist() == [3, 6, 9, 12, 15, 18]
    assert len(curves.record.history["training_loss"]) == 18


@pytest.mark.slow
@pytest.mark.parametrize(
    ("known", "steps"),
    [
        pytest.param(True, 7, marks=pytest.mark.exhaustive),
        (False, 10),
        pytest.param(True, 10, marks=pytest.mark.exhaustive),
        pytest.param(False, 7, marks=pytest.mark.exhaustive),
    ],
)
def test_a_call_of_several_steps_counts_the_batches_that_it_had(model, steps, known):
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)  # 24 batches
    data = data if known else data.filter(lambda x, y: True)
    model.compile("adam", model.loss, steps_per_execution=steps)
    curves = LiveCurves(shown=False)
    model.fit(data, epochs=2, verbose=0, callbacks=[curves])
    assert int(model.optimizer.iterations) == 48
    assert curves.record.history["update"].tolist() == [24, 48] and curves.record.updates == 48
    assert curves.record.settings.updates == 48 and curves.record.spans["low"] == [(0, 48)]
    model.fit(X, Y, batch_size=4, steps_per_epoch=12, verbose=0, callbacks=[curves])
    assert curves.record.updates == int(model.optimizer.iterations)  # 60, or with sevens 62: Keras makes full calls
    model.compile(keras.optimizers.SGD(gradient_accumulation_steps=2), model.loss, steps_per_execution=steps)
    before = curves.record.updates
    model.fit(X, Y, batch_size=4, verbose=0, callbacks=[curves])
    assert curves.record.updates - before == 24
