"""How many updates a chunk has."""

import pytest

from tests.training.comparing import settings_for
from utils.strategies.controls import Controls
from utils.training import RacePlan, loop, race, run, train
from utils.training.pace import Pace

LAYERS = ("new_head",)


@pytest.mark.parametrize(("attended", "most"), [(True, 4), (False, 40)])
def test_a_chunk_is_longer_where_a_run_cannot_be_changed(attended, most):
    pace = Pace(attended)
    assert pace.updates(LAYERS) == 2
    for _ in range(2):
        pace.record(LAYERS, count=2, seconds=0.01)
        assert pace.updates(LAYERS) == most


@pytest.mark.parametrize("attended", [True, False])
def test_updates_that_take_long_are_noticed_after_a_few(attended):
    pace = Pace(attended)
    pace.record(LAYERS, count=2, seconds=6)  # perhaps a trace
    assert pace.updates(LAYERS) == 4
    pace.record(LAYERS, count=4, seconds=12)
    assert pace.updates(LAYERS) == 1 == pace.updates(LAYERS)
    assert pace.updates(("conv1", "new_head")) == 2


@pytest.mark.slow
def test_chunks_are_short_only_where_a_switch_may_be_flipped(monkeypatch):
    made = []
    monkeypatch.setattr(loop, "Pace", lambda attended: made.append(attended) or Pace(attended))
    settings = settings_for("adam", updates=2)
    list(train(settings, Controls())), list(train(settings)), run(settings)
    list(race(RacePlan(settings, ["fine-tuning"]), Controls()))  # it can be stopped, which may take a moment
    assert made == [True, False, False, False]
