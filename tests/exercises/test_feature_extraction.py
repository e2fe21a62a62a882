"""The checks of notebook 03: what they accept, and what they say of what they don't."""

import re

import keras
import pytest

from utils import load_pair, pretrained
from utils.exercises.feature_extraction import check_features, check_saved


@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (lambda n, b, h: 1 - (b + n * h) / (n * (b + h)), True, "ten epochs save 72%"),
        (lambda n, b, h: (n - 1) * b, False, "These are the seconds"),
        (lambda n, b, h: (b + n * h) / (n * (b + h)), False, "the share that is left"),
        (lambda n, b, h: b / (b + h), False, "the backbone runs once"),
        (lambda n, b, h: (n - 1) / n, False, "head .*every epoch"),
        (lambda n, b, h: 0.5, False, r"\b0\.000\b.*\b0\.500\b"),
        (lambda n: n, False, "ended with TypeError"),
        (lambda n, b, h: None, False, "ended with TypeError"),
        (0.72, False, "not float"),
    ],
)
def test_saved(answer, right, says):
    verdict = check_saved(answer)
    assert verdict.right is right
    assert re.search(says, verdict.why)


@pytest.fixture
def model():
    return pretrained(load_pair("digits-drawings"))


def behind(model, name):
    return keras.Model(model.backbone.input, keras.layers.Flatten()(model.backbone.get_layer(name).output))


@pytest.mark.slow
def test_an_earlier_block_is_right(model):
    verdict = check_features(behind(model, "conv3_pool"))
    assert verdict.right
    assert "576 features" in verdict.why


@pytest.mark.slow
def test_the_usual_features_gain_nothing(model):
    verdict = check_features(model.backbone)
    assert not verdict.right
    assert "Do other blocks have better features" in verdict.why


def test_a_trained_backbone_is_seen(model):
    kernel = model.weights("conv2")[0]
    kernel.assign(kernel * 1.01)
    verdict = check_features(behind(model, "conv3_pool"))
    assert not verdict.right
    assert "conv2" in verdict.why and "isn't the checkpoint's" in verdict.why


def test_features_that_are_no_row_of_numbers(model):
    verdict = check_features(keras.Model(model.backbone.input, model.backbone.get_layer("conv3_pool").output))
    assert not verdict.right
    assert "flatten them" in verdict.why


def test_another_input_is_seen():
    inputs = keras.Input((8,))
    assert "Images are" in check_features(keras.Model(inputs, keras.layers.Dense(3)(inputs))).why


@pytest.mark.parametrize("junk", [None, [1, 2], "conv3"])
def test_what_is_no_model_is_named(junk):
    assert f"not {type(junk).__name__}" in check_features(junk).why
