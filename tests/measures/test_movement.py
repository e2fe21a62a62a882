"""How far weights and features have moved, on arrays written by hand."""

import numpy as np
import pytest

from utils.measures import Movement, movement
from utils.models import Observation


def seen(weights, features):
    return Observation(
        np.zeros(2),
        {name: [np.array(values, "float32")] for name, values in weights.items()},
        {name: np.array(values, "float32") for name, values in features.items()},
    )


BEFORE = seen({"a": [3, 4], "b": [1, 0]}, {"a": [0, 2], "b": [0, 0]})


def test_parts_of_what_it_was():
    now = seen({"a": [3, 4], "b": [1, 0.5]}, {"a": [0, 3], "b": [0, 0]})
    assert movement(BEFORE, now) == {"a": Movement(0.0, 0.5), "b": Movement(0.5, 0.0)}


def test_one_bit_is_enough():
    now = seen({"a": [3, np.nextafter(np.float32(4), np.float32(5))], "b": [1, 0]}, {"a": [0, 2], "b": [0, 0]})
    assert movement(BEFORE, now)["a"].weights > 0
    assert movement(BEFORE, BEFORE) == {"a": Movement(0.0, 0.0), "b": Movement(0.0, 0.0)}


def test_features_that_were_all_nothing():
    now = seen({"a": [3, 4], "b": [1, 0]}, {"a": [0, 2], "b": [0, 1e-6]})
    assert movement(BEFORE, now)["b"].features == float("inf")


def test_another_network_is_refused():
    with pytest.raises(ValueError, match=r"^now: .*\['a'\]"):
        movement(BEFORE, seen({"a": [3, 4]}, {"a": [0, 2]}))
