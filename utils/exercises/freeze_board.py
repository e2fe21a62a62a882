"""The checks of notebook 05."""

import numpy as np

from utils.exercises.verdict import Verdict, check_ended, new_accuracy, points_forgotten, test_results
from utils.training import Run

MOST_FORGETTING, UPDATES = 10, 400
LEAST_NEW = 0.84  # more than a converged head on the frozen features reaches, which is about 80%


def check_keep_and_learn(answer: Run) -> Verdict:
    """Check exercise 1: at most 10 points forgotten and at least 84% of the new task learned, in 400 updates.

    The old task must be kept by the choice of layers and rates alone: without old images, a loss that protects the old
    task, a copy of the network or layers that are added to it. It is judged by the curves, on validation images.
    """
    if wrong := check_ended(answer):
        return wrong
    settings = answer.settings
    fixed = settings.pair, settings.pair_options, settings.backbone, settings.updates, settings.new_images
    if fixed != ("digits-drawings", None, "small_cnn", UPDATES, 1000):
        task = "digits-drawings, dissimilarity 1, small_cnn"
        return Verdict(False, f"Stay with {task}, {UPDATES} updates and 1,000 new images.")
    if help_given := _other_help(settings.row):
        why = f"The strategy {settings.strategy!r} {help_given}. Here layers and rates alone must keep the old task"
        return Verdict(False, f'{why}: choose "fine-tuning" or "feature extraction".')
    lost, new = points_forgotten(answer), new_accuracy(answer)
    numbers = f"forgetting {lost:.1f} points, new task {new:.1%}, on validation images"
    if lost > MOST_FORGETTING:
        return Verdict(False, f"Too much is lost: {numbers}. Which layers may move, from when on, and how fast?")
    if new < LEAST_NEW:
        return Verdict(False, f"Too little is learned: {numbers}. What could learn more once the new head is trained?")
    return Verdict(True, f"Both at once: {numbers}. {test_results(answer)}")


def _other_help(strategy):
    """What protects the old task in a strategy, besides the choice of layers and rates; None for nothing."""
    if strategy.needs_old_data:
        return "uses images of the old task"
    if strategy.keeps_copy:
        return "keeps a copy of the old network"
    if strategy.protects:
        return "has a loss that protects the old task"
    return "adds layers to the network" if strategy.added else None


def check_replay(original: Run, replay: Run) -> Verdict:
    """Check exercise 2: whether the second run repeats the first one by code."""
    for run in (original, replay):
        if wrong := check_ended(run):
            return wrong
    if original is replay:
        return Verdict(False, "That is the same run twice. Repeat it: run(settings, schedule=...).")
    if not original.events:
        return Verdict(False, "Nothing was switched in this run. Flip a layer while it trains, and take that run.")
    if original.settings != replay.settings:
        return Verdict(False, "The settings differ: give the original's, original.settings.")
    if replay.events != original.events:
        return Verdict(False, "What was switched differs: give the original's events as the schedule.")
    is_same = all(np.array_equal(original.history[name], replay.history[name]) for name in original.history)
    if not is_same or original.new_accuracy != replay.new_accuracy:
        return Verdict(False, "The curves differ although settings and switches agree: was it another machine?")
    return Verdict(True, f"All {len(original.history['training_loss']):,} training losses agree to the last bit.")
