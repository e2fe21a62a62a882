"""The checks of notebook 12."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from utils import Settings, own_model, run
from utils.exercises.your_own_model import UPDATES, check_keeps, check_single_output, flawed_model
from utils.tasks import load_pair

pytestmark = pytest.mark.slow  # what its tests share takes seconds

PAIR = load_pair("digits-drawings")
KEPT = "edges", "strokes", "flat", "digit"


def other_network(classes=10):
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 3, strides=9, name="c"),
                             keras.layers.Flatten(), keras.layers.Dense(classes, name="other")])  # fmt: skip


def without_a_layer(flawed):
    """Cut out with a head of its own on the first convolution."""
    x = keras.layers.Flatten()(flawed.get_layer("edges").output)
    return keras.Model(flawed.input, keras.layers.Dense(10, name="digit")(x))


@pytest.mark.slow
@pytest.mark.parametrize(
    "cut",
    [
        lambda flawed: keras.Model(flawed.input, flawed.get_layer("digit").output),
        lambda flawed: keras.Model(flawed.inputs, flawed.outputs[0]),
        lambda flawed: keras.Sequential([keras.Input((28, 28, 1)), *map(flawed.get_layer, KEPT)]),
    ],
)
def test_the_classifier_is_cut_out(cut):
    assert check_single_output(own_model(cut(flawed_model()), PAIR.old, PAIR.new)).right


@pytest.mark.slow
def test_what_is_not_the_classifier():
    flawed = flawed_model()
    with pytest.raises(ValueError, match="has 2 outputs"):
        own_model(flawed, PAIR.old, PAIR.new)
    assert "Now give it to own_model" in check_single_output(flawed).why
    cut = keras.Model(flawed.input, flawed.get_layer("digit").output)
    assert "Now give it to own_model" in check_single_output(cut).why
    wrong = own_model(other_network(), PAIR.old, PAIR.new)
    assert "Its old head is 'other'" in check_single_output(wrong).why
    shallow = own_model(without_a_layer(flawed), PAIR.old, PAIR.new)
    assert "its blocks are edges. Cut it" in check_single_output(shallow).why
    for junk in (3, None, (cut, PAIR.old, PAIR.new), own_model):
        assert "Expected the result of own_model" in check_single_output(junk).why


@pytest.fixture(scope="module")
def made():
    """A run of an own model in which nothing is lost; its curves are then set by hand."""
    mine = own_model(other_network(), PAIR.old, PAIR.new)
    return run(mine.settings(strategy="feature extraction", updates=UPDATES, evaluate_every=100))


def with_last(result, **last):
    curves = {name: np.append(result.history[name][:-1], value) for name, value in last.items()}
    return replace(result, history=result.history | curves)


@pytest.mark.slow
def test_keeping_both(made):
    start = made.history["old_accuracy"][0]
    for lost, new in ((0.1, 0.6), (0.149, 0.5), (-0.02, 0.9)):
        assert check_keeps(with_last(made, old_accuracy=start - lost, new_accuracy=new)).right
    lost = check_keeps(with_last(made, old_accuracy=start - 0.151, new_accuracy=0.6))
    assert not lost.right and "Too much" in lost.why and "15.1 points" in lost.why
    little = check_keeps(with_last(made, old_accuracy=start, new_accuracy=0.49))
    assert not little.right and "Too little" in little.why


@pytest.mark.slow
def test_other_runs_are_not_right(made):
    assert "one of the collection's" in check_keeps(replace(made, settings=Settings())).why
    longer = replace(made, settings=made.settings.replace(updates=300))
    assert "Let it make 200 updates" in check_keeps(longer).why
    shorter = replace(made, settings=made.settings.replace(updates=100))
    assert "Let it make 200 updates" in check_keeps(shorter).why
    assert "Let it make 200 updates" in check_keeps(replace(made, status="stopped")).why
    copy = replace(made, settings=made.settings.replace(strategy="duplicate and fine-tune"))
    assert "one network must do both" in check_keeps(copy).why
    assert "Expected a run" in check_keeps(made.settings).why
