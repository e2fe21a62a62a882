"""What a reader's model can't answer is said in a sentence, and what its tasks are like in its notes."""

import itertools

import keras
import numpy as np
import pytest
from keras import layers

from utils import own_model
from utils.user_model import OwnModelWarning
from utils.user_model.answers import answers
from utils.user_model.checks import OwnModelError

pytestmark = pytest.mark.slow  # each cuts a network

RNG = np.random.default_rng(5)
X = RNG.random((120, 12, 12, 1), dtype=np.float32)
Y = np.arange(120) % 2
IDS = np.array(list(itertools.product(range(5), repeat=6)))[RNG.permutation(5**6)[:120]]


def network(shape, *first):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input(shape), *first, layers.Flatten(), layers.Dense(2, name="head")], name="tiny")


def test_a_model_that_cannot_predict_is_named_with_the_reason():
    with pytest.raises(OwnModelError, match=r"^old_task: 'tiny' can't answer .*received input with shape \(18, 144\)"):
        own_model(network(X.shape[1:], layers.RandomCrop(9, 9), layers.Dense(1, name="conv")), (X, Y), (X, Y))


def test_words_without_a_row_are_found_in_both_tasks_wherever_they_are():
    def words():
        return network((6,), layers.Embedding(5, 4, name="words"))

    beyond, below = IDS.copy(), IDS.copy()
    beyond[7, 3], below[90, 0] = 19, -1
    for old, new, found in ((beyond, IDS, "old_task: x holds 19"), (IDS, below, "new_task: x holds -1")):
        with pytest.raises(OwnModelError, match=f"^{found}, .*Embedding 'words' has rows for 0 to 4"):
            own_model(words(), (old, Y), (new, Y))
    with pytest.raises(OwnModelError, match=r"^old_task: 'tiny' can't .* \(indices\[0,0\] = 19 is not in \[0, 5\)\)"):
        answers(words(), np.full((4, 6), 19))
    with pytest.warns(OwnModelWarning, match="classifies"):
        assert "words" in own_model(words(), (IDS, Y), (IDS[::-1], Y)).blocks


def notes(old, new):
    """The notes of a network that knows the old task."""
    model = network(X.shape[1:], layers.Conv2D(2, 3, name="conv"))
    answered = model.predict(old, verbose=0)
    model.get_layer("head").bias.assign([np.median(answered[:, 1] - answered[:, 0]), 0])
    labels = model.predict(old, verbose=0).argmax(axis=1)
    with pytest.warns(OwnModelWarning) as caught:
        mine = own_model(model, (old, labels), new)
    assert tuple(str(warning.message) for warning in caught) == mine.notes
    return mine


def test_sizes_and_copies_are_noted():
    mine = notes(X, (np.repeat(X[:16], 63, 0), np.repeat(Y[:16], 63)))
    assert mine.notes == (
        "new_task: 992 exact copies of examples left out; 12 / 2 / 2 train/validation/test examples are left.",
    )
    assert "\n  old_task: 2 classes, 84 / 18 / 18 train/validation/test\n" in repr(mine)
    assert "\n  new_task: 2 classes, 12 / 2 / 2 train/validation/test\n" in repr(mine)
    labels = np.append(Y, [1 - Y[0], Y[1]])
    contradictory = notes(X, (np.concatenate([X, X[:2]]), labels))
    assert contradictory.notes == (
        "new_task: 2 exact copies of examples left out, 1 of them with another label than the first; 84 / 18 / 18 "
        "train/validation/test examples are left.",
    )


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ((0, 1), (0, 255), ", as with x / 255"),
        ((0, 255), (0, 1), ", as with x * 255"),
        ((-1, 1), (0, 255), ", as with x / 127.5 - 1"),
        ((0, 255), (-1, 1), ", as with (x + 1) * 127.5"),
        ((0, 1), (0, 4096), ""),
    ],
)
def test_tasks_on_two_scales_are_noted(old, new, remedy):
    x = X.copy()
    x[:, 0, :2, 0] = 0, 1  # so that each part reaches the ends
    before, after = (least + (most - least) * x for least, most in (old, new))
    assert notes(before, (after, Y)).notes == (
        f"old_task has values from {old[0]} to {old[1]}, new_task from {new[0]} to {new[1]:,}, "
        f"and a network expects one scale: bring new_task to that of old_task{remedy}.",
    )
