"""Mutual information of inputs and answers."""

import numpy as np
import pytest

from utils.measures import answer_information


def test_sure_and_even_answers_hold_as_many_bits_as_classes_can():
    assert answer_information(np.eye(4)) == pytest.approx(2)
    assert answer_information(np.eye(8).repeat(5, axis=0)) == pytest.approx(3)


def test_answers_that_are_all_the_same_hold_none():
    assert answer_information(np.tile([0.7, 0.2, 0.1], (6, 1))) == pytest.approx(0, abs=1e-12)
    assert answer_information(np.eye(3)[[1, 1, 1]]) == 0


def test_it_is_entropy_of_the_mean_minus_mean_entropy():
    rows = np.random.default_rng(0).dirichlet(np.ones(5), 40)
    entropy = lambda p: -(p * np.log2(p)).sum(axis=-1)  # noqa: E731
    assert answer_information(rows) == pytest.approx(entropy(rows.mean(axis=0)) - entropy(rows).mean())
