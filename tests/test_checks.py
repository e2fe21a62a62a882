"""Checks of arguments: what they let through, as what, and that an error names the argument and the value."""

from fractions import Fraction

import numpy as np
import pytest

from utils import checks, messages


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_a_whole_number(value):
    assert type(checks.check_whole_number("n", value, 1, 5)) is int
    for wrong in (True, np.bool_(True), 3.0, "3", None, 0, 6, 10**400, float("nan")):
        with pytest.raises(ValueError, match="^n=.* is not allowed: it must be a whole number from 1 to 5"):
            checks.check_whole_number("n", wrong, 1, 5)


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), Fraction(1, 2)])
def test_a_number(value):
    assert checks.check_number("n", value, 0, 1) == 0.5
    for wrong in (True, float("nan"), float("inf"), np.float32("nan"), "0.5", None, -0.1, 10**400, 1j):
        with pytest.raises(ValueError, match="^n=.* is not allowed: it must be a number from 0 to 1"):
            checks.check_number("n", wrong, 0, 1)


@pytest.mark.parametrize(
    "value", [["a", "b"], ("a", "b"), {"a": 0, "b": 0}.keys(), iter(["a", "b"]), np.array(["a", "b"])]
)
def test_a_list(value):
    assert checks.check_names("names", value, 2) == ("a", "b")
    for wrong in (
        "ab",
        b"ab",
        {"a": 1},
        None,
        3,
        [["a"], ["b"]],
        ["a", 1],
        np.array([["a"], ["b"]]),
        np.array("ab"),
        ["a"],
    ):
        with pytest.raises(ValueError, match="^names.* is not allowed: give a list of names"):
            checks.check_names("names", wrong, 2)


def test_the_name_that_was_meant():
    with pytest.raises(ValueError, match="'conv2', 'dense'. Did you mean 'conv1'"):
        checks.check_one_of("layer", "conv_1", ("conv1", "conv2", "dense"))


def test_an_array():
    assert checks.check_array("x", [[1, 2]], 2).shape == (1, 2)
    for wrong in ([[1], [1, 2]], [1, 2], "text", None, [[None]], np.zeros((0, 2)), [["a"]]):
        with pytest.raises(ValueError, match="^x"):
            checks.check_array("x", wrong, 2)


def test_what_is_masked_is_no_number():
    """NumPy drops the mask without a word, and takes the numbers behind it."""
    masked = np.ma.array([[1.0, 2.0]], mask=[[True, False]])
    for value in (masked, [[3.0, 4.0], masked[0]]):
        with pytest.raises(ValueError, match="^x has masked values.*fill them in"):
            checks.check_array("x", value)
    assert checks.check_array("x", np.ma.array([[1.0, 2.0]])).tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("{{function_node __wrapped__G}} indices[0,0] = 18 is not in [0, 5) [Op:GatherV2] name: ",
         "indices[0,0] = 18 is not in [0, 5)"),
        ("Exception encountered when calling Embedding.call().\n\n\x1b[1m{{node G}} too  large [Op:G]\x1b[0m\n\nBy",
         "too large"),
        ("division by zero\nTraceback (most recent call last):\n", "division by zero"),
        ("", "ValueError"), ("x" * 1000, "x" * 199 + "…"), ("It failed.", "It failed"),
    ],
)  # fmt: skip
def test_the_reason_of_an_error_is_one_short_line(said, shown):
    assert messages.reason(ValueError(said)) == shown


class Nameless:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.zeros((30, 2)), "an array of float64 of shape (30, 2)"), (Nameless(), "a Nameless"),
        ("x" * 1000, "'" + "x" * 198 + "…"), ("two\nlines", r"'two\nlines'"),
    ],
)  # fmt: skip
def test_a_value_as_a_message_shows_it(value, shown):
    assert messages.given(value) == shown


def test_a_progress_function_gives_each_item_again():
    assert list(checks.wrapped(iter, [1, 2])) == [1, 2]
    for wrong in (
        None,
        3,
        lambda: None,
        lambda items: None,
        lambda items: [],
        lambda items: items[:1],
        lambda items: 1 / 0,
    ):
        with pytest.raises(ValueError, match="^progress.* is not allowed"):
            list(checks.wrapped(wrong, [1, 2]))
