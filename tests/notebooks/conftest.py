import functools

import pytest

from tests.notebooks import notebook


@pytest.fixture
def execute(tmp_path, new_keras_home):
    """`execute(path, inject="", after="")` runs a notebook in a fresh kernel with a Keras home of its own."""
    return functools.partial(notebook.execute, folder=tmp_path, keras_home=new_keras_home)
