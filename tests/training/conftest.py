"""What the tests of the training share."""

import pytest

from tests.training.comparing import watch_engines


@pytest.fixture
def lent(monkeypatch):
    """The engines in the order in which they are lent to trainings; each may be looked at while it trains."""
    return watch_engines(monkeypatch)
