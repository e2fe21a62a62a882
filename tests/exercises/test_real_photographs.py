"""The checks of notebook 11."""

from dataclasses import replace

import numpy as np
import pytest

from utils import Settings, own_model, run
from utils.exercises.real_photographs import FLAWED, MISTAKES, check_agrees, check_slips, show_flawed
from utils.models.photo_networks import shipped_photo_net
from utils.tasks.patches import patches

pytestmark = pytest.mark.slow  # what its tests share takes seconds


def test_the_lines_that_are_meant(capsys):
    lines = FLAWED.split("\n")
    marks = {3: "/ 255", 5: "for layer", 9: "ten epochs", 11: "base.trainable", 12: "layers.Dense(5)", 13: "RMSprop",
             14: "(5, 10, 20)", 17: "test result"}  # fmt: skip
    assert {number for number, mark in marks.items() if mark in lines[number - 1]} == set(MISTAKES)
    compile(FLAWED, "flawed", "exec")
    show_flawed()
    assert " 3  features = base(photo / 255)" in capsys.readouterr().out


def test_all_of_them_by_either_line():
    first = check_slips(list(MISTAKES))
    assert first.right and first.why.count("Line ") == 8
    assert check_slips([where[-1] for where, _, _ in MISTAKES.values()]).right


def test_one_after_another():
    given, hints = [], []
    for line in MISTAKES:
        verdict = check_slips(given)
        assert not verdict.right
        hints.append(verdict.why)
        given.append(line)
    assert hints[1].startswith("1 of 8 found. What is left to learn")
    assert len(set(hints)) == 8


@pytest.mark.parametrize(
    ("given", "message"),
    [([], "There are 8 mistakes"), ([3, 7], "nothing wrong with line 7"), ("abc", "Expected line numbers"),
     (5, "Expected line numbers"), ([99], "no line 99")],
)  # fmt: skip
def test_other_answers(given, message):
    verdict = check_slips(given)
    assert not verdict.right and message in verdict.why


@pytest.fixture(scope="module")
def ended():
    net = own_model(shipped_photo_net(), patches("old"), patches("new"), train_norms=False, name="photos")
    return run(net.settings(updates=2, evaluate_every=2))


def with_last(result, kept, new):
    last = {"old_accuracy": kept, "new_accuracy": new}
    curves = {name: np.append(result.history[name][:-1], value) for name, value in last.items()}
    curves["drift"] = result.history["drift"] + 0.02
    return replace(result, history=result.history | curves)


@pytest.mark.slow
def test_old_answers_and_new_photos(ended):
    assert check_agrees(with_last(ended, 0.96, 0.91)).right
    assert "changed too much" in check_agrees(with_last(ended, 0.94, 0.95)).why
    assert "Too little is learnt" in check_agrees(with_last(ended, 0.98, 0.89)).why


@pytest.mark.slow
def test_runs_that_do_not_count(ended):
    assert "one of the collection's" in check_agrees(replace(ended, settings=Settings())).why
    drift = ended.history["drift"]
    for way in (0, 1e-4 / drift[-1].max()):  # not at all, and next to nothing
        unmoved = replace(ended, history=ended.history | {"drift": way * drift})
        assert "no achievement" in check_agrees(unmoved).why
    copy = replace(ended, settings=ended.settings.replace(strategy="duplicate and fine-tune"))
    assert "one network must do both" in check_agrees(copy).why
    assert "Expected a run" in check_agrees(3).why
