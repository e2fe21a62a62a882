"""Notebook 06, Joint training: what it states, held against the stored runs and its saved outputs."""

from statistics import fmean

from tests.notebooks.statements.stated import HEAD, TUNE, accuracies, best, lost, new, numbers_of, prose, stored
from utils.exercises.joint_training import MOST_FORGETTING, UPDATES
from utils.measures import paired_difference


def test_joint_training():
    name, text = "06_joint_training.ipynb", prose("06_joint_training.ipynb")
    tuned, joint = (stored(strategy=strategy, updates=150, evaluate_every=150) for strategy in (TUNE, "joint training"))
    forgotten = [run.forgetting for run in tuned]
    saved = paired_difference(forgotten, [run.forgetting for run in joint])
    assert f"Joint training forgets {saved} points less than fine-tuning" in text and saved.clear
    gained = paired_difference(accuracies(joint), accuracies(tuned))
    assert f"On the new task the difference is {gained} points. That interval contains zero" in text
    assert not gained.clear
    assert f"and forgets {lost(joint)} points in the table above" in text
    assert f"At its best result, a head behind `dense` reaches {new(best()[0])}%" in text
    head = stored(strategy=HEAD, learning_rate=0.01, updates=150, evaluate_every=150)
    assert {run.forgetting for run in head} == {0} and len({run.forgetting for run in joint}) > 1
    shares = []
    for count in (10, 100):
        few = stored(strategy="joint training", updates=150, old_images=count, evaluate_every=150)
        saved = paired_difference(forgotten, [run.forgetting for run in few])
        shares.append(f"{saved.mean / fmean(forgotten):.0%}")
    assert f"save {shares[0]} of what fine-tuning forgets; a hundred save {shares[1]}" in text
    # Single runs, made when the notebook was saved.
    new_start, old_start = numbers_of(name, "def joint_loss")
    new_stepped, old_stepped = numbers_of(name, "optimizer.apply")
    assert f"small from the start: {old_start}. After the twenty steps it is {old_stepped}, while" in text
    assert f"while the new task's loss has fallen from {new_start} to {new_stepped}" in text
    assert float(old_stepped) < 0.5 and float(new_stepped) < float(new_start)
    numbers = numbers_of(name, "in_turns(length)")
    new_middle, old_middle, new_end, _ = numbers[:4]
    assert f"the digits fall to {old_middle}% while the drawings are learned" in text
    assert f"and the drawings fall from {new_middle} to {new_end}%" in text
    assert text.count(f"({UPDATES} updates, seed 0") == 2
    assert f"at most {MOST_FORGETTING} points with the larger" in text
    *_, new_end, old_end = numbers
    assert f"the network ends with {new_end}% of the drawings and {old_end}% of the digits" in text
