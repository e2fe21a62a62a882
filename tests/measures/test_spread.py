"""The mean of several seeds and its interval, against a textbook's table."""

import math

import pytest

from utils.measures import Spread, mean_interval


def test_the_interval_is_student_s():
    spread = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert spread.mean == 3
    # t(0.975, 4 degrees of freedom) = 2.776, s = sqrt(2.5), n = 5
    assert spread.half_width == pytest.approx(2.776 * math.sqrt(2.5 / 5), abs=1e-3)


def test_another_confidence():
    # t(0.95, 4) = 2.132
    assert mean_interval([1, 2, 3, 4, 5], 0.9).half_width == pytest.approx(2.132 * math.sqrt(0.5), abs=1e-3)


def test_equal_values_have_no_spread():
    assert mean_interval([7, 7, 7]) == Spread(7, 0)


def test_it_is_printed_with_one_decimal():
    assert str(Spread(58.44, 8.55)) == "58.4 ± 8.6"


@pytest.mark.parametrize("values", [[], [3.0]])
def test_one_seed_has_no_spread(values):
    with pytest.raises(ValueError, match="at least two seeds"):
        mean_interval(values)


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        mean_interval([1, math.nan])


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(ValueError, match=r"confidence=.*between 0 and 1"):
        mean_interval([1, 2], confidence)
