"""What has trained a network doesn't hold it for ever."""

import gc

import pytest
from tensorflow.python.framework.func_graph import FuncGraph

from tests.training.comparing import QUICK
from utils import keras_internals
from utils.training import pool, run


def graphs():
    gc.collect()
    return {id(value) for value in gc.get_objects() if isinstance(value, FuncGraph)}


@pytest.mark.parametrize("optimizer", ["adam", pytest.param("sgd", marks=pytest.mark.exhaustive)])
def test_an_engine_that_is_let_go_leaves_no_graph(optimizer):
    pool._idle.clear()
    before = graphs()
    run(QUICK.replace(optimizer=optimizer, strategy="learning without forgetting"))
    assert len(graphs() - before) > 5
    pool._idle.clear()
    assert graphs() <= before, "is the sum over machines still called as `OnOneMachine` has it?"


@pytest.mark.exhaustive
def test_it_is_the_sum_over_machines_that_would_keep_them(monkeypatch):
    """Where this fails, TensorFlow has mended its issue 97697, and `OnOneMachine` may go."""
    monkeypatch.delattr(keras_internals.OnOneMachine, "_all_reduce_sum_gradients")
    pool._idle.clear()
    before = graphs()
    run(QUICK)
    pool._idle.clear()
    assert graphs() - before
