"""What the tests of the training share."""

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
