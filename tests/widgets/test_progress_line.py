"""The line that says how far a loop has come."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.comparing import QUICK, assert_same
from utils import ProgressCallback, show_progress, show_updates
from utils.strategies import SettingsError
from utils.training import Progress, run
from utils.widgets import progress_line


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, a line after the other; and a clock that the test moves."""

    class Handle:
        def update(self, line):
            lines.append(repr(line))

    def display(line, display_id):
        lines.append(repr(line))
        return Handle()

    lines, clock = [], [100.0]
    monkeypatch.setattr(progress_line, "display", display)
    monkeypatch.setattr(progress_line, "get_ipython", object)
    monkeypatch.setattr(progress_line.time, "monotonic", lambda: clock[0])
    return lines, clock


def test_short_loops_say_nothing(shown):
    lines, _ = shown
    assert list(show_progress(range(5))) == [0, 1, 2, 3, 4] and lines == []


def test_the_time_that_is_left(shown):
    lines, clock = shown
    for _ in show_progress(range(10), "runs"):
        clock[0] += 3
    assert re.search(r"^1 of 10 runs\b.*\b27 s left.*interrupt", lines[0])
    assert re.search(r"^2 of 10 runs\b.*\b24 s left", lines[1])
    assert lines[-1] == "10 runs in 30 s" and len(lines) == 10


def test_the_line_is_not_rewritten_all_the_time(shown):
    lines, clock = shown
    for _ in show_progress(range(1000)):
        clock[0] += 0.01
    assert 30 <= len(lines) <= 45  # 8 of 10 seconds, every fifth of one


def fit(clock, **how):
    """A fit of four batches an epoch, a second each."""
    tick = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: clock.__setitem__(0, clock[0] + 1))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    zeros = np.zeros((8, 1))
    model.fit(zeros, zeros, batch_size=2, verbose=0, callbacks=[tick, ProgressCallback()], **how)


def step(update, status="training"):
    return Progress(update, 900, status, False, (), 0.1, dict)


def test_updates_are_counted_from_the_first_on(shown):
    """What TensorFlow prepares before it is no measure for the rest."""
    lines, clock = shown
    steps = [step(0), step(2), step(102), step(202), step(900, "finished")]
    for seen, seconds in zip(show_updates(iter(steps)), (8, 1, 1, 7, 0), strict=True):
        assert seen in steps
        clock[0] += seconds
    prepared, first, second, last = lines
    assert "first update" in prepared and last == "900 updates in 17 s"
    assert re.search(r"^102 of 900 updates\b.*\b8 s left", first)
    assert re.search(r"^202 of 900 updates\b.*\b7 s left", second)


@pytest.mark.slow
def test_a_run_gives_the_same_with_the_line(shown):
    lines, _ = shown
    with_line, without = run(QUICK, progress=show_updates), run(QUICK)
    assert_same(with_line, without)
    assert "first update" in lines[0] and lines[-1] == f"{QUICK.updates} updates in 0 s"


def test_a_run_that_fails_leaves_no_line_that_says_it_is_done(shown):
    lines, _ = shown
    too_many = QUICK.replace(new_images=50_000)
    with pytest.raises(SettingsError, match="new_images"):
        run(too_many, progress=show_updates)
    assert lines == []


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 2, 3])
def test_points_that_come_with_the_first_update(shown, monkeypatch, every):
    """`train` tells of one update twice then, before it's measured and after."""
    lines, clock = shown
    monkeypatch.setattr(progress_line.time, "monotonic", lambda: clock.__setitem__(0, clock[0] + 1) or clock[0])
    run(QUICK.replace(updates=6, evaluate_every=every), progress=show_updates)
    assert lines[-1].startswith("6 updates in ") and re.search(r"\bof 6 updates\b.*\bs left", lines[1])


def test_a_run_that_is_stopped_before_its_first_update(shown):
    lines, _ = shown
    assert len(list(show_updates(iter([step(0), step(0, "stopped")])))) == 2
    assert "first update" in lines[0] and lines[1:] == ["0 updates in 0 s"]


def test_what_is_left_early_says_so(shown):
    lines, clock = shown
    with pytest.raises(KeyboardInterrupt):
        for at in show_progress(range(10), "runs"):
            clock[0] += 3
            if at == 4:
                raise KeyboardInterrupt
    assert re.search(r"^stopped\b.*\b4 of 10 runs\b.*\b15 s$", lines[-1])

    def interrupted():
        yield step(0)
        yield step(7)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(show_updates(interrupted()))
    assert re.search(r"^stopped\b.*\bupdate 7\b.*\b0 s$", lines[-1])


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(TypeError, match="how many are there.*show_updates"):
        show_progress(iter([1, 2]))


def test_nothing_is_shown_outside_a_notebook(shown, monkeypatch):
    lines, clock = shown
    monkeypatch.setattr(progress_line, "get_ipython", lambda: None)
    for _ in show_progress(range(3)):
        clock[0] += 3
    assert len(list(show_updates(iter([step(0), step(9, "finished")])))) == 2
    assert lines == []


@pytest.mark.slow
def test_a_fit_that_goes_on(shown):
    lines, clock = shown
    fit(clock, epochs=5, initial_epoch=3)
    assert re.search(r"^4 of 5 epochs\b.*\bat most .*\b5 s left", lines[0]) and lines[-1] == "2 epochs in 8 s"


@pytest.mark.slow
def test_a_fit_of_unknown_length(shown):
    lines, clock = shown

    def batches():
        for _ in range(2):
            clock[0] += 2
            yield np.zeros((4, 1)), np.zeros((4, 1))

    data = tf.data.Dataset.from_generator(batches, output_signature=(tf.TensorSpec((4, 1)), tf.TensorSpec((4, 1))))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(data, epochs=4, verbose=0, callbacks=[ProgressCallback()])
    # Keras learns in the first epoch how many batches there are.
    assert re.search(r"\bof 4 epochs\b.*\bat most ", lines[0]) and lines[-1] == "4 epochs in 16 s"


@pytest.mark.slow
def test_epochs_of_a_fit(shown):
    lines, clock = shown
    fit(clock, epochs=3)
    for line, epoch, left in zip(lines, (1, 1, 2), (9, 8, 7), strict=False):  # from the third batch on
        assert re.search(rf"^{epoch} of 3 epochs\b.*\bat most .*\b{left} s left", line)
    assert lines[-1] == "3 epochs in 12 s" and len(lines) == 11


@pytest.mark.slow
def test_a_fit_that_stops_early_says_so(shown):
    lines, clock = shown
    tick = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: clock.__setitem__(0, clock[0] + 2))
    stop = keras.callbacks.EarlyStopping("loss", patience=1)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    data = np.zeros((4, 1)), np.zeros((4, 1))
    model.fit(*data, batch_size=2, epochs=50, verbose=0, callbacks=[tick, stop, ProgressCallback()])
    assert re.search(r"\bof 50 epochs\b.*\bat most ", lines[0]) and lines[-1] == "2 epochs in 8 s"
