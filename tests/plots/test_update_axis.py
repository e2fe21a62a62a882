"""How far the axis of updates goes."""

from dataclasses import replace

import numpy as np
import pytest

from utils.plots.update_axis import last_update
from utils.strategies import Settings
from utils.training import Run


def made(updates, patience, status):
    return Run(Settings(updates=1500, patience=patience), status, history={"training_loss": np.zeros(updates)})


@pytest.mark.parametrize("status", ["training", "finished", "stopped"])
def test_without_patience_it_shows_what_is_planned(status):
    assert last_update(made(40, 0, status)) == 1500


@pytest.mark.parametrize(("updates", "end"), [(0, 200), (199, 200), (200, 500), (1000, 1500), (1500, 1500)])
def test_with_patience_it_grows_in_steps_up_to_the_limit(updates, end):
    assert last_update(made(updates, 3, "training")) == end


def test_once_ended_it_shows_what_was_made():
    assert last_update(made(730, 3, "finished")) == 730
    assert last_update(replace(made(0, 3, "stopped"), history={})) == 1
