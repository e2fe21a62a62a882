import functools

import pytest

from tests.notebooks import notebook


@pytest.fixture
def execute(tmp_path, new_keras_home):
    """`execute(path)` runs a notebook in a fresh kernel with a Keras home of its own."""
    return functools.partial(notebook.execute, folder=tmp_path, keras_home=new_keras_home)


@pytest.fixture
def execute_here(tmp_path):
    """`execute_here(path, inject="", after="")` runs a notebook in this process and gives what it printed, and stderr.

    Strategies and networks that the notebook adds are gone afterwards.
    """
    from utils.strategies import STRATEGIES

    given = dict(STRATEGIES)
    yield functools.partial(notebook.execute_here, folder=tmp_path)
    STRATEGIES.clear()
    STRATEGIES.update(given)
