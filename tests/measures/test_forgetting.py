"""The measures of forgetting, against numbers worked out by hand."""

import numpy as np
import pytest

from utils.measures import average_accuracy, backward_transfer, forgetting, forward_transfer, intransigence

nan = np.nan
# Three tasks. The first rises to 0.95 while the second is learned, then falls to 0.60; the second falls from 0.80 to
# 0.70, having been at 0.10 before its training.
THREE = [[0.90, 0.10, 0.20], [0.95, 0.80, 0.30], [0.60, 0.70, 0.85]]
# Before and after, as a run of this collection gives it.
TWO = [[0.96, nan], [0.91, 0.88]]


def test_three_tasks_by_hand():
    # ((0.95 - 0.60) + (0.80 - 0.70)) / 2 = 0.225
    assert forgetting(THREE) == pytest.approx(22.5)
    # ((0.60 - 0.90) + (0.70 - 0.80)) / 2 = -0.2
    assert backward_transfer(THREE) == pytest.approx(-20.0)
    # ((0.10 - 0.12) + (0.30 - 0.10)) / 2 = 0.09
    assert forward_transfer(THREE, untrained=[nan, 0.12, 0.10]) == pytest.approx(9.0)
    # (0.60 + 0.70 + 0.85) / 3
    assert average_accuracy(THREE) == pytest.approx(2.15 / 3)


def test_two_tasks_are_before_minus_after():
    assert forgetting(TWO) == pytest.approx(5.0)
    assert backward_transfer(TWO) == pytest.approx(-5.0)
    assert average_accuracy(TWO) == pytest.approx((0.91 + 0.88) / 2)


def test_a_task_that_has_gained_is_negative_forgetting():
    # Where the best includes the present, as in Mammoth, this would be 0.
    assert forgetting([[0.5, 0.1], [0.7, 0.9]]) == pytest.approx(-20.0)


def test_the_best_of_all_earlier_trainings_counts():
    # Where the first accuracy counts in place of the best, as in Avalanche, this would be 10.
    r = [[0.5, 0.0, 0.0], [0.9, 0.6, 0.0], [0.4, 0.5, 0.7]]
    assert forgetting(r) == pytest.approx(100 * ((0.9 - 0.4) + (0.6 - 0.5)) / 2)
    assert backward_transfer(r) == pytest.approx(100 * ((0.4 - 0.5) + (0.5 - 0.6)) / 2)


def test_before_its_own_training_counts_too():
    # Chaudhry's maximum is over all earlier trainings: the second task was at 0.9 before its own.
    assert forgetting([[0.5, 0.9, 0], [0.5, 0.6, 0], [0.5, 0.6, 1]]) == pytest.approx(15.0)


def test_extremes():
    assert forgetting([[1, 0], [0, 1]]) == 100
    assert forgetting([[1, 0], [1, 1]]) == 0
    assert isinstance(forgetting(np.array(THREE, np.float32)), float)


def test_intransigence_is_reference_minus_reached():
    assert intransigence(0.95, 0.90) == pytest.approx(5.0)
    assert intransigence(0.90, np.float32(0.95)) == pytest.approx(-5.0)


def test_only_entries_that_are_used_are_checked():
    assert forgetting([[0.9, nan], [0.8, nan]]) == pytest.approx(10)
    assert forward_transfer([[nan, 0.3], [nan, nan]], [nan, 0.1]) == pytest.approx(20)
    assert backward_transfer([[0.9, nan, nan], [nan, 0.8, nan], [0.7, 0.7, nan]]) == pytest.approx(-15)


@pytest.mark.parametrize("measure", [average_accuracy, forgetting, backward_transfer])
@pytest.mark.parametrize(
    ("r", "message"),
    [
        ([[0.9]], r"^accuracies.*\(1, 1\)"),
        ([0.9, 0.8], r"^accuracies.*\(2,\)"),
        ([[0.9, 0.1], [0.8, 0.7], [0.6, 0.5]], r"^accuracies.*\(3, 2\)"),
        (np.zeros((2, 2, 2)), r"^accuracies.*\(2, 2, 2\)"),
        ([[0.9, 0.1], [nan, 0.7]], "^accuracies .*nan, .* 0 to 1"),
        ([[0.9, 0.1], [80.0, 0.7]], "accuracies holds 80.0"),
        ([[0.9, 0.1], [-0.1, 0.7]], "accuracies holds -0.1"),
    ],
)
def test_what_is_no_accuracy_matrix_is_refused(measure, r, message):
    with pytest.raises(ValueError, match=message):
        measure(r)


def test_what_is_no_accuracy_is_refused_elsewhere_too():
    with pytest.raises(ValueError, match=r"^untrained .*\(2,\), .*\(3,\)"):
        forward_transfer(THREE, [0.1, 0.1])
    with pytest.raises(ValueError, match="untrained holds 10.0"):
        forward_transfer(THREE, [0.1, 10.0, 0.1])
    with pytest.raises(ValueError, match="accuracies holds nan"):
        forward_transfer([[0.9, nan], [0.8, 0.7]], [0.1, 0.1])
    with pytest.raises(ValueError, match="reached=90.0"):
        intransigence(0.95, 90.0)
    with pytest.raises(ValueError, match="reference=nan"):
        intransigence(nan, 0.9)
