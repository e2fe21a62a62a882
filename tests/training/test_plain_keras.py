"""The engine trains what plain Keras trains: `fit` on the same batches, compiled anew at each switch."""

import json

import pytest

from tests.training.comparing import plain_optimizer
from tests.training.plain_keras import CASES, compare, long
from utils.training.optimizers import make_optimizer


@pytest.fixture(scope="module")
def found(start):
    """By case: what `compare` says in double precision."""
    return json.loads(start("-m", "tests.training.plain_keras").splitlines()[-1])


@pytest.mark.parametrize("case", CASES)
def test_the_engine_trains_as_fit_does(found, case):
    result, trained = found[case], sorted({*CASES[case].layers, "new_head"})
    assert result["precision"] == "float64"
    assert result["apart"] < 1e-9  # of the weights and the batch statistics, whichever is furthest
    assert result["learnt"] > 1e-2
    assert result["moved"] == result["moved by fit"] == trained


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_in_single_precision_only_rounding_is_between_them(optimizer):
    result = compare(long(optimizer, updates=10, evaluate_every=10, learning_rate=1e-3))
    assert result["precision"] == "float32"
    assert result["apart"] < 0.01 * result["learnt"]
    assert result["learnt"] > 1e-3


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_optimizers_are_as_documented(name):
    made, wanted = make_optimizer(name), plain_optimizer(name, 1e-3)
    assert isinstance(made, type(wanted)) and type(made).update_step is type(wanted).update_step
    leave = ("learning_rate", "name")
    assert {k: v for k, v in made.get_config().items() if k not in leave} == {
        k: v for k, v in wanted.get_config().items() if k not in leave
    }
