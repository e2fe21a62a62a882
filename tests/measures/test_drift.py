"""How far weights have moved, on arrays worked out by hand."""

import numpy as np
import pytest

from utils.measures import drift_or_zero, relative_drift


def test_a_distance_relative_to_the_length_before():
    before = [np.array([[3.0, 0.0]]), np.array([4.0])]  # length 5
    after = [np.array([[3.0, 6.0]]), np.array([12.0])]  # moved by (6, 8), length 10
    assert relative_drift(before, after) == 2


def test_what_has_not_moved_has_a_drift_of_exactly_0():
    weights = [np.random.default_rng(0).normal(size=(5, 7)).astype("float32")]
    assert relative_drift(weights, [weights[0].copy()]) == 0


def test_a_single_bit_is_seen():
    before = [np.ones(1000, "float32")]
    after = [before[0].copy()]
    after[0][17] = np.nextafter(np.float32(1), np.float32(2))
    assert relative_drift(before, after) == pytest.approx(2**-23 / np.sqrt(1000))


@pytest.mark.parametrize("after", [[np.ones(3)], [np.ones(2), np.ones(2)], []])
def test_states_of_different_layers_are_refused(after):
    with pytest.raises(ValueError, match="same layer"):
        relative_drift([np.ones(2)], after)


def test_a_layer_of_zeros_is_refused():
    with pytest.raises(ValueError, match="all weights are 0"):
        relative_drift([np.zeros(2)], [np.ones(2)])


def test_a_curve_says_0_of_a_layer_of_zeros():
    assert drift_or_zero([np.zeros(2)], [np.ones(2)]) == drift_or_zero([], []) == 0
    assert drift_or_zero([np.array([2.0])], [np.array([3.0])]) == 0.5
