"""What the tests of the training share."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from utils.training import loop


@pytest.fixture
def lent(monkeypatch):
    """The engines in the order in which they are lent to trainings; each may be looked at while it trains."""
    engines, borrowed = [], loop.borrowed_for

    @contextmanager
    def watched(*key):
        with borrowed(*key) as (engine, weights):
            engines.append(engine)
            yield engine, weights

    monkeypatch.setattr(loop, "borrowed_for", watched)
    return engines


@pytest.fixture(scope="session")
def start(project, keras_home):
    """Starts Python with these arguments in a process of its own, and gives what it printed."""

    def start(*arguments, stdin="") -> str:
        ways = os.environ | {"PYTHONPATH": str(project), "KERAS_HOME": str(keras_home)}
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(command, cwd=project, input=stdin, capture_output=True, text=True, env=ways)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return start
