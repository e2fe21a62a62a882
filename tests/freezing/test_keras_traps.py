"""The traps of freezing as Keras 3.15 has them, each on real training, and that our helper doesn't fall into them.

Where a test of Keras itself fails after an upgrade, a row of what the notebooks tell has changed: mend the text, too.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from utils.freezing import set_trainable, track_weights
from utils.models import checkpoint_weights, pretrained
from utils.tasks import load_pair

X = np.random.default_rng(0).random((16, 6), "float32")
Y = np.random.default_rng(1).integers(0, 3, 16)


def base():
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(5, name="low"), layers.BatchNormalization(name="norm")], name="base"
    )


def make_model(called=None, **call):
    """A base with a batch normalization below a head; compiled with SGD and momentum."""
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    return compiled(keras.Model(x, layers.Dense(3, name="head")((called or base())(x, **call)), name="whole"))


def compiled(model, optimizer=None):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer or keras.optimizers.SGD(0.1, momentum=0.9), loss)
    return model


def moved_by_fit(model):
    """Path → the weights of that layer that a fit moves."""
    with track_weights(model) as seen:
        model.fit(X, Y, verbose=0)
    return {row.layer: row.changed for row in seen.rows if row.changed}


ALL = ("gamma", "beta", "moving_mean", "moving_variance")
STATISTICS = ("moving_mean", "moving_variance")
BOTH = ("kernel", "bias")


# The moment


@pytest.mark.slow
def test_frozen_before_the_first_fit_takes_effect():
    model = make_model()
    model.get_layer("head").trainable = False
    assert moved_by_fit(model) == {"base/low": BOTH, "base/norm": ALL}


@pytest.mark.slow
def test_frozen_after_a_fit_keeps_training():
    """keras PRs #22104, #22413, #22787 and #22939 are about this policy: a later Keras may warn, or notice."""
    model = make_model()
    model.fit(X, Y, verbose=0)
    model.get_layer("head").trainable = False
    assert not any("head" in weight.path for weight in model.trainable_weights)  # so it says
    assert moved_by_fit(model)["head"] == BOTH
    set_trainable(model, ["base"])
    assert moved_by_fit(model) == {"base/low": BOTH, "base/norm": ALL}


@pytest.mark.slow
def test_unfrozen_after_a_fit_stands_still():
    """As above."""
    model = make_model()
    model.get_layer("head").trainable = False
    model.fit(X, Y, verbose=0)
    model.get_layer("head").trainable = True
    assert any("head" in weight.path for weight in model.trainable_weights)
    assert "head" not in moved_by_fit(model)
    set_trainable(model, ["base", "head"])
    assert moved_by_fit(model) == {"base/low": BOTH, "base/norm": ALL, "head": BOTH}


# The optimizer


@pytest.mark.slow
def test_the_same_optimizer_refuses_an_unfrozen_layer_and_a_new_one_takes_it():
    model = make_model()
    model.get_layer("head").trainable = False
    model.fit(X, Y, verbose=0)
    model.get_layer("head").trainable = True
    compiled(model, model.optimizer)
    with pytest.raises(ValueError, match="Unknown variable"):
        model.fit(X, Y, verbose=0)
    compiled(model)
    assert moved_by_fit(model)["head"] == BOTH and int(model.optimizer.iterations) == 1


@pytest.mark.slow
def test_our_optimizer_is_new():
    model = make_model()
    set_trainable(model, ["base"])
    model.fit(X, Y, verbose=0)
    used = model.optimizer
    set_trainable(model, ["base", "head"])
    assert moved_by_fit(model)["head"] == BOTH
    assert model.optimizer is not used and model.optimizer.momentum == used.momentum


@pytest.mark.slow
def test_the_same_optimizer_wakes_with_its_old_momentum():
    """Of a layer that it met before it was frozen; its slot sleeps in between."""
    model = make_model()
    model.fit(X, Y, verbose=0)
    optimizer = model.optimizer
    slot = next(slot for slot in optimizer.variables if "head_kernel" in slot.path)
    before = slot.numpy()
    model.get_layer("head").trainable = False
    compiled(model, optimizer)
    assert "head" not in moved_by_fit(model)
    assert np.array_equal(slot.numpy(), before) and before.any()
    set_trainable(model, ["head"])
    assert not any(slot.numpy().any() for slot in model.optimizer.variables if "momentum" in slot.path)


@pytest.mark.slow
def test_weight_decay_leaves_frozen_layers_alone():
    model = compiled(make_model(), keras.optimizers.AdamW(0.01, weight_decay=0.5))
    set_trainable(model, ["head"])
    assert moved_by_fit(model) == {"head": BOTH}


def test_a_gradient_of_zero_is_not_frozen():
    for optimizer in (keras.optimizers.AdamW(0.01, weight_decay=0.5), keras.optimizers.SGD(0.1, momentum=0.9)):
        weight = keras.Variable(np.ones(3, "float32"))
        optimizer.build([weight])
        optimizer.apply([np.ones(3, "float32")], [weight])
        before = weight.numpy()
        optimizer.apply([np.zeros(3, "float32")], [weight])
        assert (weight.numpy() < before).all()


def test_a_penalty_leaves_the_loss_with_its_layer():
    x = keras.Input((6,))
    penal = layers.Dense(3, kernel_regularizer=keras.regularizers.L2(1.0), name="low")(x)
    model = compiled(keras.Model(x, layers.Dense(3, name="head")(penal)))
    assert len(model.losses) == 1
    set_trainable(model, ["head"])
    assert model.losses == []


# Containers and what is in them


@pytest.mark.slow
def test_a_frozen_container_hides_what_trains_inside():
    """It lists nothing; the model around it lists, and trains, the child all the same."""
    inner = base()
    inner.trainable = False
    inner.get_layer("low").trainable = True
    assert inner.get_layer("low").trainable and inner.trainable_weights == []
    model = make_model(inner)
    assert moved_by_fit(model) == {"base/low": BOTH, "head": BOTH}
    set_trainable(model, ["low"])
    assert inner.trainable and [weight.name for weight in inner.trainable_weights] == ["kernel", "bias"]
    assert moved_by_fit(model) == {"base/low": BOTH}


@pytest.mark.slow
def test_true_on_true_reaches_no_child():
    """In Keras 3.15 on TensorFlow, a flag that reads True already is not set again."""
    model = make_model()
    inner = model.get_layer("base")
    inner.get_layer("low").trainable = False
    inner.trainable = True
    assert not inner.get_layer("low").trainable
    inner.get_layer("norm").gamma.trainable = False
    inner.get_layer("norm").trainable = True
    assert not inner.get_layer("norm").gamma.trainable
    set_trainable(model, ["base"])
    assert moved_by_fit(model) == {"base/low": BOTH, "base/norm": ALL}


# Batch normalization


@pytest.mark.slow
def test_batch_normalization_frozen_whole():
    model = make_model()
    model.get_layer("base").get_layer("norm").trainable = False
    assert moved_by_fit(model) == {"base/low": BOTH, "head": BOTH}
    set_trainable(model, ["low"])
    assert moved_by_fit(model) == {"base/low": BOTH}


@pytest.mark.slow
def test_batch_normalization_without_gamma_and_beta_moves_its_statistics():
    model = make_model()
    norm = model.get_layer("base").get_layer("norm")
    norm.gamma.trainable = norm.beta.trainable = False
    assert moved_by_fit(model)["base/norm"] == STATISTICS
    set_trainable(model, ["low", "head"])
    assert "base/norm" not in moved_by_fit(model)


@pytest.mark.slow
def test_training_false_does_not_hold_in_a_functional_model():
    """keras issue #20285. Keras 3.16 heeds the argument: there, this fit leaves the statistics alone."""
    model = make_model(training=False)
    model.get_layer("base").trainable = True
    assert moved_by_fit(model)["base/norm"] == ALL
    set_trainable(model, ["low", "head"])
    assert moved_by_fit(model) == {"base/low": BOTH, "head": BOTH}


@pytest.mark.slow
def test_training_false_holds_in_a_call_of_ones_own():
    class Whole(keras.Model):
        def __init__(self):
            super().__init__(name="whole")
            self.base, self.head = base(), layers.Dense(3, name="head")

        def call(self, x):
            return self.head(self.base(x, training=False))

    model = Whole()
    model(X)
    assert moved_by_fit(compiled(model))["base/norm"] == ("gamma", "beta")


# Beside freezing


@pytest.mark.slow
def test_a_checkpoint_object_remembers_the_first_fit(tmp_path):
    """EarlyStopping begins anew in 3.15; ModelCheckpoint doesn't. Our runs use neither."""
    kept = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", monitor="loss", save_best_only=True)
    stop = keras.callbacks.EarlyStopping("loss", patience=0)
    kept.best = stop.best = -1.0  # a first fit that was never met again
    model = make_model()
    model.fit(X, Y, verbose=0, callbacks=[kept, stop])
    assert kept.best == -1.0 and not (tmp_path / "best.keras").exists()
    assert stop.best > 0


def test_a_reshuffled_split_leaks_and_ours_does_not():
    data = tf.data.Dataset.range(100).shuffle(100, seed=0)
    test = {int(item) for item in data.take(20)}
    assert {int(item) for item in data.skip(20)} & test
    once = tf.data.Dataset.range(100).shuffle(100, seed=0, reshuffle_each_iteration=False)
    assert not {int(item) for item in once.skip(20)} & {int(item) for item in once.take(20)}
    old = load_pair("digits-halves").old
    parts = [{image.tobytes() for image in part} for part in (old.x_train, old.x_validation, old.x_test)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]


def test_a_clone_has_weights_of_its_own_and_our_checkpoint_the_trained_ones():
    model = make_model()
    clone = keras.models.clone_model(model)
    kernels = [path for path, _ in enumerate(model.weights) if model.weights[path].name == "kernel"]
    assert not any(np.array_equal(model.weights[k].numpy(), clone.weights[k].numpy()) for k in kernels)
    loaded = pretrained("digits-drawings").snapshot()
    for name, values in checkpoint_weights(load_pair("digits-drawings").old, "small_cnn").items():
        assert all(np.array_equal(a, b) for a, b in zip(values, loaded[name], strict=True))
