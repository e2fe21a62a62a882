"""Optimizers that set_trainable copies, and those that it can't."""

import keras
import numpy as np
import pytest
from keras import layers

from utils.freezing import set_trainable

X = np.random.default_rng(0).random((8, 6), "float32")
Y = np.random.default_rng(1).integers(0, 3, 8)


def make_model(optimizer, kind=keras.Sequential):
    made = kind([keras.Input((6,)), layers.Dense(5, name="low"), layers.Dense(3, name="head")])
    made.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return made


class Forgetful(keras.optimizers.SGD):
    """Its config leaves out what it was made with."""

    def __init__(self, factor, **given):
        super().__init__(**given)
        self.factor = factor


class Quiet(keras.optimizers.SGD):
    """As above, and its default hides it."""

    def __init__(self, factor=1.0, **given):
        super().__init__(**given)
        self.factor = factor


class Nameless(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("optimizer", "says"),
    [
        (lambda: Forgetful(2.0), "^optimizer: Forgetful .*'factor'.*get_config.*recompile=False"),
        (lambda: Quiet(2.0), r"factor=1\.0 .*\b2\.0\b"),
        (lambda: keras.optimizers.SGD(Nameless()), "^optimizer: SGD .*copied"),
    ],
    ids=["no config", "a default", "a schedule"],
)
def test_what_cannot_be_copied_is_told_and_nothing_changes(optimizer, says):
    model = make_model(optimizer())
    used = model.optimizer
    with pytest.raises(ValueError, match=says):
        set_trainable(model, ["head"])
    assert model.optimizer is used and model.get_layer("low").trainable
    set_trainable(model, ["head"], recompile=False)
    assert model.optimizer is used and not model.get_layer("low").trainable
    before = model.get_layer("low").get_weights()
    model.compile(keras.optimizers.SGD(0.1), model.loss)
    model.fit(X, Y, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_layer("low").get_weights(), strict=True))


def quarter():
    return 0.25


@pytest.mark.slow
@pytest.mark.parametrize("rate", [lambda: 0.25, quarter], ids=["a lambda", "a function"])
def test_a_rate_that_is_a_function_is_kept(rate, recwarn):
    model = make_model(keras.optimizers.SGD(rate))
    model.fit(X, Y, verbose=0)
    set_trainable(model, ["head"])
    assert float(model.optimizer.learning_rate) == 0.25
    assert not [warning for warning in recwarn if "lambda" in str(warning.message)]
    model.fit(X, Y, verbose=0)


def test_a_compile_of_its_own_is_told():
    class Own(keras.Sequential):
        def compile(self, optimizer, loss):
            super().compile(optimizer, loss)

    model = make_model("sgd", Own)
    with pytest.raises(ValueError, match=r"Own .*compile\(\).*recompile=False"):
        set_trainable(model, ["head"])
    set_trainable(model, ["head"], recompile=False)
    assert [weight.path.split("/")[-2] for weight in model.trainable_weights] == ["head", "head"]


def test_a_schedule_goes_on_in_half_precision():
    """Keras wraps the optimizer there; the schedule's step is in the one inside."""
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([3], [0.1, 0.001])
    model = make_model(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(schedule)))
    model.optimizer.build(model.trainable_variables)
    model.optimizer.inner_optimizer.iterations.assign(7)
    set_trainable(model, ["head"])
    assert int(model.optimizer.inner_optimizer.iterations) == 7
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)


@pytest.mark.slow
def test_what_is_exempt_from_weight_decay_stays_exempt():
    optimizer = keras.optimizers.AdamW(1e-9, weight_decay=1e6)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model = make_model(optimizer)
    model.get_layer("head").bias.assign([1.0, 1.0, 1.0])
    set_trainable(model, ["head"])
    kernel = model.get_layer("head").kernel.numpy()
    model.fit(X, Y, verbose=0)
    assert model.get_layer("head").bias.numpy() == pytest.approx([1, 1, 1], abs=1e-6)
    assert np.abs(model.get_layer("head").kernel.numpy()).sum() < 0.9999 * np.abs(kernel).sum()


def test_spectral_normalization_is_told():
    """Its kernel is divided in every training step, whatever its flag says: a promise that can't be kept."""
    inside = layers.SpectralNormalization(layers.Dense(5, name="low"), name="spectral")
    model = keras.Sequential([keras.Input((6,)), inside, layers.Dense(3, name="head")])
    with pytest.warns(UserWarning, match="'spectral': SpectralNormalization"):
        set_trainable(model, ["head"])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = inside.get_weights()
    model.fit(X, Y, verbose=0)
    assert not all(np.array_equal(a, b) for a, b in zip(before, inside.get_weights(), strict=True))
