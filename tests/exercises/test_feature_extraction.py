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
        (lambda n, b, h: (n - 1) * b / (n * (b + h)), True, "ten epochs save 72%"),
        (lambda n, b, h: (1 - 1 / n) / (1 + h / b), True, "one saves 0%"),
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


def behind(model, name, summary=keras.layers.Flatten):
    return keras.Model(model.backbone.input, summary()(model.backbone.get_layer(name).output))


def before_the_relu(model):
    """What `dense` computes, without its ReLU."""
    linear = keras.layers.Dense(64)
    answer = keras.Model(model.backbone.input, linear(model.backbone.get_layer("flatten").output))
    linear.set_weights(model.backbone.get_layer("dense").get_weights())
    return answer


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        lambda model: behind(model, "conv3_pool", keras.layers.GlobalAveragePooling2D),
        before_the_relu,
        pytest.param(
            lambda model: keras.Model(model.backbone.input, model.backbone.get_layer("conv3_pool").output[:, 1, 1, :]),
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_sixty_four_better_features_are_right(model, answer):
    verdict = check_features(answer(model))
    assert verdict.right, verdict.why
    assert "from 64 features" in verdict.why


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        lambda model: model.backbone,
        *(
            pytest.param(worse, marks=pytest.mark.exhaustive)
            for worse in (
                lambda model: behind(model, "conv2_pool", keras.layers.GlobalAveragePooling2D),
                lambda model: behind(model, "conv1_pool", keras.layers.GlobalMaxPooling2D),
            )
        ),
    ],
)
def test_features_that_gain_nothing_are_not(model, answer):
    verdict = check_features(answer(model))
    assert not verdict.right
    assert "Which block has better features" in verdict.why


@pytest.mark.parametrize(("name", "width"), [("conv3_pool", 576), ("conv1_pool", 3136)])
def test_too_many_numbers_are_counted(model, name, width):
    verdict = check_features(behind(model, name))
    assert not verdict.right
    assert f"These are {width} numbers per image, and at most 64" in verdict.why


def test_a_trained_backbone_is_seen(model):
    kernel = model.weights("conv2")[0]
    kernel.assign(kernel * 1.01)
    verdict = check_features(behind(model, "conv3_pool", keras.layers.GlobalAveragePooling2D))
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
