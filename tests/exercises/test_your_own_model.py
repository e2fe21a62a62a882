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


@pytest.mark.slow
def test_two_answers_are_mended_by_cutting():
    flawed = flawed_model()
    assert "Now give it to own_model" in check_single_output(flawed).why
    with pytest.raises(ValueError, match="has 2 outputs"):
        own_model(flawed, PAIR.old, PAIR.new)
    cut = keras.Model(flawed.input, flawed.get_layer("digit").output)
    assert check_single_output(own_model(cut, PAIR.old, PAIR.new)).right
    wrong = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 3, strides=9, name="c"),
                              keras.layers.Flatten(), keras.layers.Dense(10, name="other")])  # fmt: skip
    assert "Its old head is 'other'" in check_single_output(own_model(wrong, PAIR.old, PAIR.new)).why
    assert "not int" in check_single_output(3).why


@pytest.fixture(scope="module")
def made():
    """A run of an own model in which nothing is lost; its curves are then set by hand."""
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 3, strides=9, name="c"),
                              keras.layers.Flatten(), keras.layers.Dense(10)])  # fmt: skip
    mine = own_model(model, PAIR.old, PAIR.new)
    return run(mine.settings(strategy="feature extraction", updates=UPDATES, evaluate_every=100))


def with_last(result, **last):
    curves = {name: np.append(result.history[name][:-1], value) for name, value in last.items()}
    return replace(result, history=result.history | curves)


@pytest.mark.slow
def test_keeping_both(made):
    start = made.history["old_accuracy"][0]
    assert check_keeps(with_last(made, old_accuracy=start - 0.1, new_accuracy=0.6)).right
    lost = check_keeps(with_last(made, old_accuracy=start - 0.151, new_accuracy=0.6))
    assert not lost.right and "Too much" in lost.why and "15.1 points" in lost.why
    little = check_keeps(with_last(made, old_accuracy=start, new_accuracy=0.49))
    assert not little.right and "Too little" in little.why


@pytest.mark.slow
def test_other_runs_are_not_right(made):
    assert "one of the collection's" in check_keeps(replace(made, settings=Settings())).why
    longer = replace(made, settings=made.settings.replace(updates=300))
    assert "Let it make 200 updates" in check_keeps(longer).why
    copy = replace(made, settings=made.settings.replace(strategy="duplicate and fine-tune"))
    assert "one network must do both" in check_keeps(copy).why
