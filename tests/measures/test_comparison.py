"""Paired differences against SciPy's, and Holm's correction against its own definition by closed testing."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from utils.measures import holm, mean_interval, paired_difference, paired_p_value

values = st.lists(st.tuples(*[st.floats(-100, 100).map(lambda value: round(value, 3))] * 2), min_size=2, max_size=12)


@given(values, st.sampled_from([0.9, 0.95, 0.99]))
def test_differences_are_scipys(pairs, confidence):
    better, worse = zip(*pairs, strict=True)
    differences = np.subtract(better, worse)
    difference = paired_difference(better, worse, confidence)
    assert difference == mean_interval(differences, confidence)
    if np.ptp(differences) < 1e-6:
        return
    theirs = ttest_rel(better, worse)
    low, high = theirs.confidence_interval(confidence)
    assert difference.mean - difference.half_width == pytest.approx(low, abs=1e-9)
    assert difference.mean + difference.half_width == pytest.approx(high, abs=1e-9)
    assert paired_p_value(better, worse) == pytest.approx(theirs.pvalue, rel=1e-6)
    assert (paired_p_value(better, worse) < 1 - confidence) == difference.clear


def test_equal_differences():
    assert paired_p_value([2, 3], [1, 2]) == 0 and paired_p_value([1, 2], [1, 2]) == 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_holm_is_closed_testing_by_bonferroni(p_values):
    """A comparison is clear where every group of comparisons that it belongs to is, each judged by its smallest p value
    times its size: that is what Holm's steps come to (Marcus, Peritz & Gabriel 1976)."""
    numbers = range(len(p_values))
    groups = [group for size in numbers for group in combinations(numbers, size + 1)]
    expected = [
        min(1, max(len(group) * min(p_values[each] for each in group) for group in groups if number in group))
        for number in numbers
    ]
    assert holm(p_values) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[0.1, 1.1], [-0.1], [float("nan")]])
def test_what_is_no_p_value_is_refused(values):
    with pytest.raises(ValueError, match="p_values.*from 0 to 1"):
        holm(values)


def test_each_seed_needs_both():
    with pytest.raises(ValueError, match="better has 3 values, worse 2"):
        paired_difference([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="at least two seeds"):
        paired_p_value([1], [2])
