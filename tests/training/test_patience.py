"""Early stopping: when a run ends by itself, and that its result is the best point's."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.comparing import assert_same, engine_for, live, settings_for, weights_after
from utils.strategies import Change
from utils.training import Run, train
from utils.training.patience import Patience

pytestmark = pytest.mark.slow  # what its tests share takes seconds

CONVERGING = settings_for(
    strategy="feature extraction", learning_rate=0.3, updates=400, evaluate_every=10, patience=3, head_l2=1e-3
)


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), min_size=1, max_size=30), st.integers(1, 5))
def test_it_waits_as_keras_does(losses, evaluations):
    """Against Keras's own callback, told of the same losses."""
    ours, theirs = Patience(evaluations), keras.callbacks.EarlyStopping(patience=evaluations)
    model = keras.Sequential()
    model.stop_training = False  # as `fit` begins
    theirs.set_model(model)
    theirs.on_train_begin()
    for update, loss in enumerate(losses):
        ours.observe(update, loss, lambda update=update: {"at": update})
        theirs.on_epoch_end(update, {"val_loss": loss})
        assert ours.exhausted == model.stop_training
        assert ours.best_update == theirs.best_epoch == ours.best_weights["at"]
        if ours.exhausted:
            return


def test_without_patience_nothing_is_kept():
    patience = Patience(0)
    for update in range(50):
        patience.observe(update, 1.0, lambda: pytest.fail("weights were copied"))
    assert not patience.exhausted and patience.best_weights is None


def test_the_rate_falls_as_often_as_it_may_and_then_the_run_ends():
    patience, falls = Patience(2, drops=2), []
    for update in range(20):
        patience.observe(update, 1.0, dict)
        assert patience.exhausted == (update >= 6)
        falls.append(patience.take_drop())
        if falls[-1]:
            patience.restart()
    assert [update for update, fell in enumerate(falls) if fell] == [2, 4]


@pytest.fixture(scope="module")
def converged():
    return live(CONVERGING)


@pytest.mark.slow
def test_it_ends_when_validation_stops_improving(converged):
    losses = converged.history["new_loss"]
    best = int(np.argmin(losses))
    assert converged.status == "finished"
    assert converged.updates == converged.history["update"][-1] < CONVERGING.updates
    assert len(losses) - 1 - best == CONVERGING.patience
    assert (converged.result_point, converged.result_update) == (best, 10 * best)


def test_its_result_is_that_of_the_best_point(converged):
    """A run of just as many updates, without patience, ends with the same weights, bit for bit."""
    ours = weights_after(CONVERGING)
    short = CONVERGING.replace(updates=converged.result_update, patience=0, standardize=True)
    plain = live(short)
    with engine_for(short) as engine:
        theirs = engine.model.snapshot()
    assert all(np.array_equal(a, b) for name in ours for a, b in zip(ours[name], theirs[name], strict=True))
    assert (converged.new_accuracy, converged.old_accuracy) == (plain.new_accuracy, plain.old_accuracy)


def test_chunks_and_a_file_change_nothing(converged, tmp_path):
    assert_same(converged, live(CONVERGING, chunk=7))
    loaded = Run.load(converged.save(tmp_path / "run.json"))
    assert (loaded.result_update, loaded.updates) == (converged.result_update, converged.updates)


def test_where_the_updates_end_first_the_best_point_still_counts(converged):
    short = live(CONVERGING.replace(updates=20))
    assert short.updates == 20 and short.status == "finished"
    assert short.result_update == 10 * int(np.argmin(short.history["new_loss"]))
    assert "used up" in short.message and "stopped improving" in converged.message


@pytest.mark.slow
def test_it_waits_afresh_after_every_switch(converged):
    """A new rate each time that patience would be at its end: then only the last one ends the run."""
    rates = [(20 + 20 * i, Change(learning_rate=0.3 - 0.01 * (i + 1))) for i in range(12)]
    assert live(CONVERGING, rates).updates > 240 > converged.updates


@pytest.mark.slow
def test_the_rate_falls_to_a_tenth_before_the_run_ends(converged):
    """Once for each drop, where the run would have ended; a replay of what happened and the timeline agree."""
    settings = CONVERGING.replace(rate_drops=2)
    run = live(settings)
    rates = [0.3, 0.3 / 10, 0.3 / 10 / 10]
    assert [change for _, change in run.events] == [Change(learning_rate=rate) for rate in rates[1:]]
    first, second = (update for update, _ in run.events)
    losses = run.history["new_loss"]
    alone = converged.history["new_loss"]
    assert first == converged.updates and np.array_equal(losses[: len(alone)], alone)
    for update, last in ((first, second), (second, run.updates)):  # patience begins again at each drop
        best_before, after = losses[: update // 10 + 1].min(), losses[update // 10 + 1 : last // 10 + 1]
        assert len(after) >= settings.patience and min(after[-settings.patience :]) >= min(best_before, *after)
    assert_same(run, live(settings, run.events))
    assert [span.learning_rate for span in run.timeline] == rates


@pytest.mark.slow
def test_a_warm_up_does_not_end_the_run():
    settings = CONVERGING.replace(strategy="fine-tuning", warm_up=100, updates=200, learning_rate=1e-30)
    run = live(settings)  # with hardly any steps, nothing ever improves
    assert run.updates == 100 + 10 * settings.patience


def test_stopped_by_hand_it_goes_back_too(converged):
    """A little after the best point: what is measured, and what the engine holds, is the best point's all the same."""
    stop = converged.result_update + 15
    run = live(CONVERGING, [(stop, Change(stop=True))])
    assert (run.status, run.updates, run.result_update) == ("stopped", stop, converged.result_update)
    assert (run.new_accuracy, run.old_accuracy) == (converged.new_accuracy, converged.old_accuracy)
    assert run.history["new_loss"][-1] > run.history["new_loss"][run.result_point]


def test_nothing_comes_between_the_last_point_and_the_end():
    """Else a step would pause at a run that has nothing left to do."""
    steps = list(train(CONVERGING))
    assert [step.status for step in steps if step.update == steps[-1].update and step.evaluated] == ["finished"]
