"""Choosing on validation: the lowest loss out of the grid, and a grid that grows at its edge."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from utils.strategies import Settings, SettingsError
from utils.sweeps import choice, runs
from utils.sweeps.choice import choose

SMALL = Settings(strategy="feature extraction", updates=30, evaluate_every=30, new_images=50)


def fake_run(loss_of):
    """In place of training: a run whose validation loss is a function of its settings."""

    def run(settings, schedule=()):
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

    monkeypatch.setattr(runs, "run", fake_run(loss))
    rates = (0.001, 0.01, 0.1) if optimum else (0.001, 0.003, 0.01)
    grid = {"learning_rate": rates, "head_l2": (0.0, 0.1, 1.0)[: 3 if optimum else 1]}
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        made = choose(SMALL, grid)
    assert [str(warning.message).partition("=")[0] for warning in heard] == list(made.at_edge)
    assert made.settings.learning_rate == pytest.approx(chosen)
    assert made.at_edge == (("learning_rate",) if optimum == 1e9 else ())


def test_where_every_run_diverges_nothing_is_chosen(monkeypatch):
    monkeypatch.setattr(runs, "run", fake_run(lambda settings: None))
    with pytest.raises(SettingsError, match="learning_rate.*diverged|diverged.*learning_rate"):
        choose(SMALL, {"learning_rate": (0.1, 1.0)})


def test_a_grid_that_says_nothing_is_refused():
    with pytest.raises(SettingsError, match="head_l2"):
        choose(SMALL, {"head_l2": ()})
    with pytest.raises(SettingsError, match="patients"):
        choose(SMALL, {"patients": (1,)})
    with pytest.raises(SettingsError, match="on='test'.*'validation'"):
        choose(SMALL, {"head_l2": (0.0, 1.0)}, on="test")


def test_the_rule_may_be_the_accuracy_and_it_goes_on_after_an_interrupt(monkeypatch, tmp_path):
    """Of equal accuracies, the lower loss counts; what was made before is read."""
    accuracies, made = {0.0: 0.5, 0.1: 0.9, 0.2: 0.9, 0.3: 0.4}, []

    def run(settings, schedule):
        made.append(settings.head_l2)
        if len(made) == 3:
            raise KeyboardInterrupt
        history = {"new_loss": np.array([settings.head_l2]), "new_accuracy": np.array([accuracies[settings.head_l2]])}
        return SimpleNamespace(settings=settings, status="finished", history=history, result_point=-1)

    monkeypatch.setattr(runs, "run", run)
    arguments = SMALL, {"head_l2": tuple(accuracies)}
    with pytest.raises(KeyboardInterrupt):
        choose(*arguments, on="validation accuracy", path=tmp_path / "choice.jsonl")
    chosen = choose(*arguments, on="validation accuracy", path=tmp_path / "choice.jsonl")
    assert chosen.settings.head_l2 == 0.1 and len(chosen.points) == 4
    assert made == [0.0, 0.1, 0.2, 0.2, 0.3]
    assert len((tmp_path / "choice.jsonl").read_text().splitlines()) == 1 + 4
