"""What is taken down of a network and an image."""

import re

import numpy as np
import pytest

from utils import load_pair, observe, pretrained
from utils.models import BACKBONES, NEW_UNITS, TransferModel, fitting


@pytest.fixture(scope="module")
def model():
    return pretrained("digits-drawings")


@pytest.fixture(scope="module")
def digits():
    return load_pair("digits-drawings").old.x_test[:3]


@pytest.mark.slow
def test_features_are_what_keras_computes(model, digits):
    features = model.features(digits)
    assert tuple(features) == model.layer_names
    assert features["conv2"].shape == (3, 7, 7, 32)
    np.testing.assert_allclose(features["dense"], model.backbone.predict(digits, verbose=0), rtol=1e-5, atol=1e-6)
    for task in ("old", "new"):
        logits = model.keras_model(task).predict(digits, verbose=0)
        np.testing.assert_allclose(features[f"{task}_head"], logits, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", fitting((28, 28, 1)))
def test_new_units_have_features_too(name, digits):
    model = TransferModel(BACKBONES[name], (28, 28, 1), 10, 10, NEW_UNITS)
    features = model.features(digits)
    assert tuple(features) == model.layer_names
    logits = model.keras_model("new").predict(digits, verbose=0)
    np.testing.assert_allclose(features["new_head"], logits, rtol=1e-4, atol=1e-5)


def test_one_image_or_a_batch(model, digits):
    single, batch = observe(model, digits[1]), observe(model, digits)
    assert single.features["conv3"].shape == (3, 3, 64)
    assert batch.features["conv3"].shape == (3, 3, 3, 64)
    np.testing.assert_allclose(batch.features["conv3"][1], single.features["conv3"], rtol=1e-5, atol=1e-6)
    assert single.weights["conv1"][0].shape == (3, 3, 1, 16)


def test_the_same_twice_bit_for_bit(model, digits):
    first, again = observe(model, digits[0]), observe(model, digits[0])
    assert all(np.array_equal(first.features[name], again.features[name]) for name in first.features)


def test_it_stays_when_the_network_moves_on(digits):
    model = pretrained("digits-drawings")
    seen = observe(model, digits[0])
    kernel = seen.weights["conv1"][0].copy()
    model.weights("conv1")[0].assign(np.zeros_like(kernel))
    assert np.array_equal(seen.weights["conv1"][0], kernel)


@pytest.mark.parametrize("shape", [(28, 28), (27, 28, 1), (0, 28, 28, 1)])
def test_another_shape_is_refused(model, shape):
    with pytest.raises(ValueError, match=rf"^image.*{re.escape(str(shape))}"):
        observe(model, np.zeros(shape, "float32"))
