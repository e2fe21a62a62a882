"""The checks of notebook 07."""

from collections.abc import Callable

import numpy as np

from utils.exercises.verdict import Verdict, check_ended, new_accuracy, points_forgotten, test_results
from utils.measures import softmax
from utils.strategies import BUILT_IN_STRATEGIES, STRATEGIES, Settings
from utils.strategies.losses import distillation
from utils.training import Run

MOST_FORGETTING, LEAST_NEW, UPDATES = 10, 0.70, 200
_FREE = ("old_loss_weight", "temperature", "warm_up", "warm_up_rate", "learning_rate", "evaluate_every")


def check_distillation(answer: Callable) -> Verdict:
    """Check exercise 1: equations 3 and 4 of the paper, on probabilities.

    Args:
        answer: A function of the network's probabilities, the recorded ones and T.
    """
    rng = np.random.default_rng(0)
    logits, recorded_logits = rng.normal(size=(2, 7, 5))
    probabilities, recorded = map(softmax, (logits, recorded_logits))
    losses = {}
    for t in (1.0, 2.0, 5.0):
        try:
            losses[t] = float(answer(probabilities.copy(), recorded.copy(), t))
        except Exception as error:
            return Verdict(False, f"The function fails with T = {t:g}: {type(error).__name__}: {error}")
    right = {t: float(distillation(logits, recorded_logits, t)) for t in losses}
    if not _all_close(losses, right):
        for hint, formula in _MISTAKES.items():
            if _all_close(losses, {t: formula(probabilities, recorded, t) for t in losses}):
                return Verdict(False, hint)
        worst = max(losses, key=lambda t: abs(losses[t] - right[t]))
        return Verdict(False, f"With T = {worst:g} it gives {losses[worst]:.4f}; expected {right[worst]:.4f}.")
    return Verdict(True, "The same as softmax(logits / T) with its logarithm, for T = 1, 2 and 5.")


def _all_close(losses, others):
    """Equal, but for single precision or a small number that keeps a logarithm from 0."""
    return all(np.isclose(losses[t], others[t], rtol=1e-4) for t in losses)


def _soften(p, t):
    powers = p ** (1 / t)
    return powers / powers.sum(axis=1, keepdims=True)


def _cross_entropy(probabilities, recorded):
    return -np.mean(np.sum(recorded * np.log(probabilities), axis=1))


_MISTAKES = {
    "T² doesn't belong here: the paper has no such factor. And T must soften both outputs.": lambda p, r, t: (
        _cross_entropy(p, r) * t**2
    ),
    "T² doesn't belong here: the paper has no such factor.": lambda p, r, t: (
        _cross_entropy(_soften(p, t), _soften(r, t)) * t**2
    ),
    "T does nothing yet: raise both outputs to the power 1/T.": lambda p, r, t: _cross_entropy(p, r),
    "After the power the numbers no longer add up to 1: divide by their sum.": lambda p, r, t: _cross_entropy(
        p ** (1 / t), r ** (1 / t)
    ),
    "The two outputs are swapped: the logarithm is of the current ones.": lambda p, r, t: _cross_entropy(
        _soften(r, t), _soften(p, t)
    ),
    "The recorded outputs must be softened as well.": lambda p, r, t: _cross_entropy(_soften(p, t), r),
    "The current outputs must be softened as well.": lambda p, r, t: _cross_entropy(p, _soften(r, t)),
}


def check_two_goals(answer: Run) -> Verdict:
    """Check exercise 2: keep and learn, without a single old image. Judged by the curves, on validation images."""
    if wrong := check_ended(answer):
        return wrong
    settings = answer.settings
    expected = Settings(strategy="learning without forgetting", updates=UPDATES).replace(
        **{name: getattr(settings, name) for name in _FREE}
    )
    if settings != expected or answer.events:
        return Verdict(
            False,
            f'Stay with "learning without forgetting", {UPDATES} updates and the other settings as they are; '
            "λ, T, the warm-up and the learning rate are free.",
        )
    if answer.status != "finished":
        return Verdict(False, "The run was stopped early. Let it make all of its updates.")
    lost, new = points_forgotten(answer), new_accuracy(answer)
    numbers = f"forgetting {lost:.1f} points, new task {new:.1%}, on validation images"
    if lost > MOST_FORGETTING and new < LEAST_NEW:
        return Verdict(False, f"Neither goal yet: {numbers}. Is the rate too high?")
    if lost > MOST_FORGETTING:
        return Verdict(False, f"Too much is lost: {numbers}. What gives the old outputs more weight, or changes less?")
    if new < LEAST_NEW:
        return Verdict(False, f"Too little is learned: {numbers}. What leaves more room to learn?")
    return Verdict(True, f"Both at once: {numbers}. {test_results(answer)}")


def check_new_strategy(answer: Run, reference: Run) -> Verdict:
    """Check exercise 3: a strategy that isn't in the table, with less than half of fine-tuning's forgetting.

    Args:
        answer: Its run.
        reference: The run of fine-tuning.
    """
    if wrong := check_ended(answer):
        return wrong
    row = answer.settings.row
    if row in BUILT_IN_STRATEGIES:
        return Verdict(False, f"{row.name!r} is in the table already. Make a strategy of your own.")
    free = {name: getattr(answer.settings, name) for name in ("strategy", "old_loss_weight", "temperature")}
    if answer.settings != reference.settings.replace(**free) or answer.events:
        return Verdict(False, "Leave all settings but the strategy, λ and T as they are in the run of fine-tuning.")
    for name, other in STRATEGIES.items():
        if other is not row and _essence(row) == _essence(other):
            return Verdict(False, f"This strategy is {name!r} by another name. Combine parts and losses in a new way.")
    if answer.status != "finished" or answer.updates != reference.updates:
        return Verdict(False, f"Let it make all of its {reference.updates} updates, as fine-tuning did.")
    lost, before = points_forgotten(answer), points_forgotten(reference)
    numbers = f"{lost:.1f} instead of {before:.1f} points forgotten on validation images"
    gained = f"new task {new_accuracy(answer):.1%} instead of {new_accuracy(reference):.1%}"
    if new_accuracy(answer) < new_accuracy(reference) / 2:
        return Verdict(False, f"{numbers}, but {gained}: hardly anything is learned.")
    if lost > before / 2:
        hint = "Which term protects the old task, and what can stay frozen?"
        return Verdict(False, f"{numbers}: that isn't half of it yet. {hint}")
    return Verdict(True, f"A strategy of your own: {numbers}, {gained}. {test_results(answer)}")


def _essence(row):
    """What distinguishes strategies: not λ, which is a setting; the backbone's rate only where the backbone trains."""
    rate = row.backbone_rate if {"backbone", "top"} & set(row.trains) else None
    return row.trains, row.losses, rate, row.keeps_copy
