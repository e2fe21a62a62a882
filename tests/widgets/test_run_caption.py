"""The line above the picture says which run it is, and what it is doing."""

from dataclasses import replace

import pytest

from tests.plots.made_runs import made_run
from tests.widgets.panel import plain
from utils.strategies import Settings
from utils.training import Run
from utils.training.state import State
from utils.widgets.run_caption import caption_html


@pytest.mark.parametrize(
    ("status", "state", "word"),
    [
        ("training", State.RUNNING, "Running"),
        ("training", State.STEPPING, "Running"),
        ("training", State.PAUSED, "Paused"),
        ("training", State.STOPPING, "Ending"),
        ("training", State.ABANDONING, "Ending"),
        ("training", State.READY, "Interrupted"),
        ("finished", State.READY, "Finished"),
        ("stopped", State.RUNNING, "Stopped"),
        ("diverged", State.READY, "Diverged"),
    ],
)
def test_its_state_is_a_word(status, state, word):
    run = replace(made_run(ended=False, learning_rate=0.01, seed=3), status=status)
    assert plain(caption_html(run, state)) == f"{word} : fine-tuning, digits-drawings, adam 0.01, seed 3"


def test_before_its_first_point_a_run_is_getting_ready():
    run = Run(Settings(seed=3))
    assert plain(caption_html(run, State.RUNNING)).startswith("Getting ready : fine-tuning")
    assert plain(caption_html(run, State.PAUSED)).startswith("Paused : ")


def test_the_rate_is_the_one_in_force():
    run = made_run(updates=20, events=[(10, {"learning_rate": 0.5})], ended=False)
    assert "adam 0.5, seed 0" in caption_html(run, State.RUNNING)


def test_of_layers_picked_by_hand_it_has_the_number():
    run = Run(Settings(trained_layers=["conv3", "dense", "new_head"]))
    said = "Running : fine-tuning, 3 of 6 layers, digits-drawings, adam 0.001, seed 0"
    assert plain(caption_html(replace(run, history=made_run().history), State.RUNNING)) == said


def test_without_a_run():
    assert plain(caption_html(None, State.READY)) == "At the checkpoint"


def test_names_are_no_markup():
    run = made_run(ended=False)
    object.__setattr__(run.settings, "pair", "<b>mine</b>")
    assert "&lt;b&gt;mine&lt;/b&gt;" in caption_html(run, State.RUNNING)
