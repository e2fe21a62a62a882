"""Agreement by hand."""

import numpy as np
import pytest

from utils.measures.agreement import agreement, confusion, most_mistaken, softmax

BEFORE = np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]])


def test_nothing_changed():
    same = agreement(BEFORE, BEFORE.copy())
    assert same.top_1 == 1 and same.kl == 0


def test_by_hand():
    after = np.array([[0.25, 0.75], [0.9, 0.1], [0.2, 0.8]])
    found = agreement(BEFORE, after)
    assert found.top_1 == pytest.approx(2 / 3)  # of equals, the first counts
    assert found.kl == pytest.approx((0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75)) / 3)


def test_it_matters_which_comes_first():
    a, b = np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]])
    assert agreement(a, b).kl != pytest.approx(agreement(b, a).kl)


def test_a_class_that_became_impossible_is_not_infinite():
    assert np.isfinite(agreement(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])).kl)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (BEFORE * 2, BEFORE, "^before.* .*probabilities"),
        (BEFORE, np.log(BEFORE), "^after.* .*probabilities"),
        (BEFORE, BEFORE[:2], "same pictures"),
        (BEFORE[:0], BEFORE[:0], "^before.* .*probabilities"),
    ],
)
def test_what_are_no_probabilities(before, after, message):
    with pytest.raises(ValueError, match=message):
        agreement(before, after)


def test_softmax_of_large_logits():
    logits = np.array([[1000.0, 1000.0], [0.0, np.log(3)]])
    assert softmax(logits) == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))


def test_confusion_counts_by_row():
    assert confusion(np.array([0, 0, 1, 2]), np.array([0, 2, 1, 2]), 3).tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_the_surest_mistakes_come_first():
    labels = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.4, 0.6], [0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    assert most_mistaken(labels, probabilities).tolist() == [2, 0]
    assert most_mistaken(labels, probabilities, 1).tolist() == [2]
