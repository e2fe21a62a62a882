"""The checks of notebook 05."""

import numpy as np

from utils.exercises.verdict import Verdict, ended_run, forgotten, learnt, told
from utils.training import Run

MOST_FORGETTING, UPDATES = 10, 400
LEAST_NEW = 0.84  # more than a converged head on the frozen features reaches, which is about 80 %


def check_keep_and_learn(answer: Run) -> Verdict:
    """Exercise 1: at most 10 points forgotten and at least 84 % of the new task learnt, in 400 updates.

    Judged by the curves, on validation images.
    """
    if wrong := ended_run(answer):
        return wrong
    one = answer.settings
    dissimilarity = dict(one.pair_options or ()).get("dissimilarity", 1.0)
    if (one.pair, dissimilarity, one.updates, one.new_images) != ("digits-drawings", 1.0, UPDATES, 1000):
        return Verdict(False, f"Stay with digits-drawings, dissimilarity 1, {UPDATES} updates and 1,000 new images.")
    lost, new = forgotten(answer), learnt(answer)
    numbers = f"forgetting {lost:.1f} points, new task {100 * new:.1f} %, on validation images"
    if lost > MOST_FORGETTING:
        return Verdict(False, f"Too much is lost: {numbers}. Which layers may move, from when on, and how fast?")
    if new < LEAST_NEW:
        return Verdict(False, f"Too little is learnt: {numbers}. What could learn more once the new head is trained?")
    return Verdict(True, f"Both at once: {numbers}. {told(answer)}")


def check_replay(original: Run, replay: Run) -> Verdict:
    """Exercise 2: is the second run the first one, made again by code?"""
    for one in (original, replay):
        if wrong := ended_run(one):
            return wrong
    if original is replay:
        return Verdict(False, "That is the same run twice. Make it again: run(settings, schedule=...).")
    if not original.events:
        return Verdict(False, "Nothing was switched in this run. Flip a layer while it trains, and take that run.")
    if original.settings != replay.settings:
        return Verdict(False, "The settings differ: give the original's, original.settings.")
    if replay.events != original.events:
        return Verdict(False, "What was switched differs: hand the original's events over as the schedule.")
    same = all(np.array_equal(original.history[name], replay.history[name]) for name in original.history)
    if not same or original.new_accuracy != replay.new_accuracy:
        return Verdict(False, "The curves differ although settings and switches agree: was it another machine?")
    return Verdict(True, f"All {len(original.history['training_loss']):,} training losses agree to the last bit.")
