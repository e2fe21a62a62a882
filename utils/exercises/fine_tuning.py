"""The checks of notebook 04."""

import math
from collections.abc import Mapping

from utils.exercises.verdict import Verdict, check_ended, new_accuracy, points_forgotten, test_results
from utils.models import BACKBONES, NEW_HEAD, OLD_HEAD
from utils.training import Run

_BLOCKS = BACKBONES["small_cnn"].layer_names
UPDATES, IMAGES, MOST_FORGETTING, LEAST_NEW = 300, 1000, 15, 0.70
LEAST_MOVED = 0.01  # of a layer's length; at a hundredth of the default rate a layer stays below it


def check_rates(answer: dict[str, float]) -> Verdict:
    """Check exercise 1: factors with which each layer learns at half the rate of the one above; the new head's is 1."""
    if not isinstance(answer, Mapping):
        return Verdict(False, f"Expected a dictionary from layers to factors, not {type(answer).__name__}.")
    names = (*_BLOCKS, NEW_HEAD)
    if unknown := set(answer) - {*names, OLD_HEAD}:
        return Verdict(False, f"There is no {', '.join(sorted(map(str, unknown)))}; the layers are {', '.join(names)}.")
    if any(isinstance(value, bool) or not isinstance(value, int | float) or not value > 0 for value in answer.values()):
        return Verdict(False, "Each factor must be a number above 0.")
    factors = {name: answer.get(name, 1.0) for name in names}
    right = {name: 0.5 ** (len(_BLOCKS) - place) for place, name in enumerate(names)}
    if all(math.isclose(factors[name], right[name]) for name in names):
        return Verdict(True, "The same as rate_decay=2. conv1 learns at a sixteenth of the new head's rate.")
    if missing := [name for name in _BLOCKS if name not in answer]:
        return Verdict(False, f"A layer that isn't named keeps the factor 1: {', '.join(missing)}.")
    if factors["conv1"] > factors["dense"]:
        return Verdict(False, "That is upside down: the lowest layer should learn most slowly.")
    if not math.isclose(factors[NEW_HEAD], 1):
        return Verdict(False, f"The new head's factor should be 1, and is {factors[NEW_HEAD]:g}.")
    wrong = next(name for name in reversed(_BLOCKS) if not math.isclose(factors[name], right[name]))
    above = names[names.index(wrong) + 1]
    return Verdict(False, f"{wrong}: half of {above}'s factor is {right[wrong]:g}, not {factors[wrong]:g}.")


def check_gentle(answer: Run) -> Verdict:
    """Check exercise 2: fine-tune all layers in 300 updates, forget at most 15 points, learn at least 70%.

    Each layer of the backbone must have moved by at least 1% of its length. It is judged by the curves, on validation
    images.
    """
    if wrong := check_ended(answer):
        return wrong
    settings = answer.settings
    fixed = settings.pair, settings.pair_options, settings.backbone, settings.strategy
    fixed += settings.updates, settings.new_images
    if fixed != ("digits-drawings", None, "small_cnn", "fine-tuning", UPDATES, IMAGES):
        task = f"digits-drawings, dissimilarity 1, {UPDATES} updates, {IMAGES:,} new images"
        return Verdict(False, f"Stay with fine-tuning on {task}.")
    if answer.status != "finished":
        return Verdict(False, "The run was stopped early. Let it make all of its updates.")
    moved = dict(zip(answer.layer_names, answer.history["drift"][answer.result_point], strict=True))
    if still := [f"{name} ({moved[name]:.2%})" for name in _BLOCKS if moved[name] < LEAST_MOVED]:
        why = f"Hardly moved: {', '.join(still)}. Each backbone layer must move by {LEAST_MOVED:.0%} of its length"
        return Verdict(False, f"{why}: is one frozen, or its rate next to nothing?")
    lost, new = points_forgotten(answer), new_accuracy(answer)
    numbers = f"forgetting {lost:.1f} points, new task {new:.1%}, on validation images"
    if lost > MOST_FORGETTING:
        return Verdict(False, f"Too much is lost: {numbers}. Must the backbone be as fast as the head?")
    if new < LEAST_NEW:
        return Verdict(False, f"Too little is learned: {numbers}. The head costs the old task nothing: is it fast?")
    return Verdict(True, f"Both at once: {numbers}. {test_results(answer)}")
