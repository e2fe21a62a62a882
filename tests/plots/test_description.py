import re
from dataclasses import replace

import numpy as np
import pytest

from tests.plots.made_runs import PARAMETERS, made_run
from utils.plots import describe, percent
from utils.strategies import Settings
from utils.training import Run


@pytest.mark.parametrize(
    ("fraction", "text"), [(None, "–"), (0, "0.0%"), (0.9637, "96.4%"), (1, "100.0%"), (0.00049, "0.0%")]
)
def test_percent(fraction, text):
    assert percent(fraction) == text


def test_finished_run():
    run = replace(made_run(updates=1200, every=100), old_accuracy_before=0.9637, old_accuracy=0.912, new_accuracy=0.78)
    assert describe(run) == (
        "Old task 96.4% → 91.2%, forgetting 5.2 points; new task 78.0%; 50% of the weights trained "
        "(1,200 updates, 1.2 s of training; test images)."
    )


def test_a_better_old_task_is_negative_forgetting():
    assert "forgetting -2.0 points" in describe(replace(made_run(), old_accuracy_before=0.9, old_accuracy=0.92))


@pytest.mark.parametrize(("trained", "share"), [(PARAMETERS, "100"), (650, "1"), (61, "0.1"), (0, "0")])
def test_share_of_the_weights(trained, share):
    assert f"; {share}% of the weights trained (" in describe(replace(made_run(), trained_parameters=trained))


@pytest.mark.parametrize("status", ["stopped", "diverged"])
def test_what_there_is_to_say_of_the_end_is_said(status):
    run = replace(made_run(updates=30, level=0.4), status=status, message="Why it ended, at update 30 of 1000.")
    text = describe(run)
    assert text.startswith("Old task 95.0% → 40.0%, forgetting 55.0 points; new task 20.0%; ")
    assert "(30 updates, " in text and text.endswith("test images). Why it ended, at update 30 of 1000.")


def test_run_in_progress():
    run = made_run(updates=250, every=50, ended=False)
    run = replace(run, settings=run.settings.replace(updates=1000))
    run.history["old_accuracy"][[0, -1]] = 0.962, 0.85
    run.history["new_accuracy"][-1] = 0.712
    assert describe(run) == (
        "Update 250 of 1,000: old task 96.2% → 85.0%, 11.2 points forgotten so far; new task 71.2% (validation images)."
    )


def test_before_the_first_point():
    no_point = {name: values[:0] for name, values in made_run().history.items()}
    for run in (Run(Settings()), replace(made_run(ended=False), history=no_point)):
        assert describe(run) == "Getting ready …"


def test_no_number_that_is_not_of_the_run():
    """Every number in the sentence follows from another number of the run: change one, and the sentence changes."""
    random = np.random.default_rng(0)
    for _ in range(20):
        before, old, new = random.random(3)
        trained, updates = int(random.integers(1_000, PARAMETERS)), int(random.integers(1, 4000))
        run = replace(made_run(updates, updates), old_accuracy_before=before, old_accuracy=old, new_accuracy=new,
                      trained_parameters=trained, seconds=float(random.random()))  # fmt: skip
        found = [float(number.replace(",", "")) for number in re.findall(r"-?\d[\d,]*\.?\d*", describe(run))]
        share = 100 * trained / PARAMETERS
        wanted = [100 * before, 100 * old, 100 * (before - old), 100 * new, share, updates, run.seconds]
        assert found == pytest.approx(wanted, abs=0.51)
        assert found[:4] == pytest.approx(wanted[:4], abs=0.0501)
