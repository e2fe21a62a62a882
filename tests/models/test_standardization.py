"""Standardized features: the numbers of Keras's own layer, and a scale that silent features keep."""

import keras
import numpy as np
import pytest

from utils.models.standardization import Standardization, mean_and_deviation

FEATURES = np.random.default_rng(0).gamma(2.0, [0.01, 1.0, 300.0], (200, 3)).astype("float32")


def test_it_does_what_keras_does():
    ours, theirs = Standardization(), keras.layers.Normalization()
    ours.build((None, 3))
    ours.adapt(FEATURES)
    theirs.adapt(FEATURES)
    other = FEATURES[::-1] * 2
    np.testing.assert_allclose(ours(other), theirs(other), rtol=1e-4, atol=1e-5)
    scaled = np.asarray(ours(FEATURES))
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-4)


@pytest.mark.parametrize("value", [0.0, 0.3, 1e6])
def test_what_never_varies_keeps_its_scale(value):
    features = np.column_stack([FEATURES, np.full(200, value, "float32")])
    mean, deviation = mean_and_deviation(features)
    assert deviation[-1] == 1 and mean[-1] == pytest.approx(value, rel=1e-5)
    layer = Standardization()
    layer.build((None, 4))
    layer.adapt(features)
    assert np.asarray(layer(features + [0, 0, 0, 0.5]))[:, -1] == pytest.approx(0.5, abs=0.1)


def test_what_varies_by_rounding_alone_keeps_its_scale():
    saturated = np.full(1000, 1, "float32")
    saturated[7] = np.nextafter(np.float32(1), np.float32(0))
    assert mean_and_deviation(saturated[:, None])[1] == 1


def test_nothing_of_it_is_trained():
    layer = Standardization()
    layer.build((None, 3))
    assert layer.trainable_weights == [] and len(layer.weights) == 2
    np.testing.assert_array_equal(layer(FEATURES), FEATURES)
