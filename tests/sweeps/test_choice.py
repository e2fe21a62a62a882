"""Choosing on validation: the lowest loss out of the grid, and a grid that grows at its edge."""

from types import SimpleNamespace

import numpy as np
import pytest

from utils.strategies import Settings, SettingsError
from utils.sweeps import choice
from utils.sweeps.choice import choose

SMALL = Settings(strategy="feature extraction", updates=30, evaluate_every=30, new_images=50)


def fake_run(loss_of):
    """In place of training: a run whose validation loss is a function of its settings."""

    def run(settings):
        loss = loss_of(settings)
        status = "diverged" if loss is None else "finished"
        history = {"new_loss": np.array([9.0, loss or 0.0]), "new_accuracy": np.array([0.1, 0.5])}
        return SimpleNamespace(settings=settings, status=status, history=history, result_point=-1)

    return run


@pytest.mark.slow
def test_the_lowest_validation_loss_of_real_runs_is_chosen():
    made = choose(SMALL.replace(seed=3), {"learning_rate": (1e-4, 0.01), "head_l2": (0.0, 1.0)})
    assert {point.settings.seed for point in made.points} == {choice.CHOOSING_SEED}
    best = min(made.points, key=lambda point: point.loss)
    assert made.settings == best.settings.replace(seed=3)
    assert made.settings.learning_rate >= 0.01


@pytest.mark.parametrize(("optimum", "chosen"), [(0.01, 0.01), (1.0, 1.0), (1e-4, 1e-4), (1e9, 1e3), (None, 0.003)])
def test_a_rate_at_the_edge_makes_the_grid_grow(monkeypatch, optimum, chosen):
    """By its own ratio, four times at most; None: only one rate doesn't diverge."""

    def loss(settings):
        if optimum is None:
            return 0.5 if settings.learning_rate == 0.003 else None
        return abs(np.log10(settings.learning_rate / optimum)) + abs(settings.head_l2 - 0.1)

    monkeypatch.setattr(choice, "run", fake_run(loss))
    rates = (0.001, 0.01, 0.1) if optimum else (0.001, 0.003, 0.01)
    made = choose(SMALL, {"learning_rate": rates, "head_l2": (0.0, 0.1, 1.0)[: 3 if optimum else 1]})
    assert made.settings.learning_rate == pytest.approx(chosen)
    assert made.at_edge == (("learning_rate",) if optimum == 1e9 else ())


def test_where_every_run_diverges_nothing_is_chosen(monkeypatch):
    monkeypatch.setattr(choice, "run", fake_run(lambda settings: None))
    with pytest.raises(SettingsError, match="learning_rate.*diverged|diverged.*learning_rate"):
        choose(SMALL, {"learning_rate": (0.1, 1.0)})


def test_a_grid_that_says_nothing_is_refused():
    with pytest.raises(SettingsError, match="head_l2"):
        choose(SMALL, {"head_l2": ()})
    with pytest.raises(SettingsError, match="patients"):
        choose(SMALL, {"patients": (1,)})
