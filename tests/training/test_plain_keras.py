"""The engine beside plain Keras in single precision, as readers have it; test_double_precision.py goes to 1e-9."""

import pytest

from tests.training.comparing import plain_optimizer
from tests.training.plain_keras import compare, long
from utils.training.optimizers import make_optimizer


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_in_single_precision_only_rounding_is_between_them(optimizer):
    result = compare(long(optimizer, updates=10, evaluate_every=10, learning_rate=1e-3))
    assert result["precision"] == "float32"
    assert result["apart"] < 0.01 * result["learned"]
    assert result["learned"] > 1e-3


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_optimizers_are_as_documented(name):
    made, wanted = make_optimizer(name), plain_optimizer(name, 1e-3)
    assert isinstance(made, type(wanted)) and type(made).update_step is type(wanted).update_step
    leave = ("learning_rate", "name")
    assert {k: v for k, v in made.get_config().items() if k not in leave} == {
        k: v for k, v in wanted.get_config().items() if k not in leave
    }
