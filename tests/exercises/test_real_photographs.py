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
    marks = {3: "/ 255", 5: "for layer", 9: "ten epochs", 11: "base.trainable", 12: "layers.Dense(5)",
             14: "(5, 10, 20)", 17: "test result"}  # fmt: skip
    assert {number for number, mark in marks.items() if mark in lines[number - 1]} == set(MISTAKES)
    compile(FLAWED, "flawed", "exec")
    show_flawed()
    assert " 3  features = base(photo / 255)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "given",
    [
        [3, 5, 9, 11, 12, 14, 17],
        (17, 15, 12, 11, 8, 6, 3),  # the other line where a mistake takes two
        {3, 6, 9, 11, 12, 15, 16},
        np.array([3, 5, 8, 11, 12, 14, 16]),
    ],
)
def test_one_line_for_each_mistake(given):
    verdict = check_slips(given)
    assert verdict.right and verdict.why.count("Line ") == 7


def test_one_after_another():
    given, hints = [], []
    for line in MISTAKES:
        verdict = check_slips(given)
        assert not verdict.right
        hints.append(verdict.why)
        given.append(line)
    assert hints[1].startswith("1 of 7 found. What is left to learn")
    assert len(set(hints)) == 7


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "There are 7 mistakes"),
        ([3, 7], "nothing wrong with line 7"),
        ([3, 5, 9, 11, 12, 13, 14, 17], "nothing wrong with line 13"),
        (range(1, 18), "Lines 5 and 6 are one mistake"),
        ([3, 5, 6, 8, 9, 11, 12, 14, 15, 16, 17], "Lines 5 and 6 are one mistake"),  # all that could be meant
        ([3, 5, 9, 11, 12, 14, 15, 17], "Lines 14 and 15 are one mistake"),
        ([3, 5, 9, 11, 12, 14], "6 of 7 found. On which photos"),
        ("abc", "Expected line numbers"),
        (5, "Expected line numbers"),
        ([99], "no line 99"),
    ],
)
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
    for kept, new in ((0.96, 0.86), (0.95, 0.85), (1.0, 0.99)):
        assert check_agrees(with_last(ended, kept, new)).right
    assert "changed too much" in check_agrees(with_last(ended, 0.94, 0.95)).why
    assert "Too little is learned" in check_agrees(with_last(ended, 0.98, 0.84)).why


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
