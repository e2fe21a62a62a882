import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from utils.measures import balanced_accuracy, largest_class


@pytest.mark.parametrize("seed", range(5))
def test_balanced_accuracy_is_scikit_learns(seed):
    rng = np.random.default_rng(seed)
    labels = rng.choice(4, 60, p=[0.7, 0.1, 0.1, 0.1])
    predicted = np.where(rng.random(60) < 0.6, labels, rng.integers(0, 4, 60))
    expected = balanced_accuracy_score(labels, predicted)
    assert balanced_accuracy(labels, predicted == labels) == pytest.approx(expected, abs=1e-12)


def test_always_the_same_answer_is_right_for_the_largest_class_alone():
    labels = np.array([2] * 19 + [0])
    assert largest_class(labels) == (2, 0.95)
    assert balanced_accuracy(labels, labels == 2) == 0.5
