"""The checks of notebook 07."""

from collections.abc import Callable

import numpy as np

from utils.exercises.verdict import Verdict, ended_run, forgotten, learnt, told
from utils.strategies import STRATEGIES, Settings
from utils.strategies.losses import distillation
from utils.training import Run

MOST_FORGETTING, LEAST_NEW, UPDATES = 10, 0.80, 400
_FREE = ("old_loss_weight", "temperature", "warm_up", "learning_rate", "evaluate_every")


def check_distillation(answer: Callable) -> Verdict:
    """Exercise 1: equations 3 and 4 of the paper, on probabilities."""
    random = np.random.default_rng(0)
    logits, recorded = random.normal(size=(2, 7, 5))
    said, wanted = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) for z in (logits, recorded))
    found = {}
    for t in (1.0, 2.0, 5.0):
        try:
            found[t] = float(answer(said.copy(), wanted.copy(), t))
        except Exception as error:
            return Verdict(False, f"The function fails with T = {t:g}: {type(error).__name__}: {error}")
    due = {t: float(distillation(logits, recorded, t)) for t in found}
    for hint, formula in _SLIPS.items():
        if all(np.isclose(found[t], formula(said, wanted, t), rtol=1e-6) for t in found) and not _close(found, due):
            return Verdict(False, hint)
    if not _close(found, due):
        worst = max(found, key=lambda t: abs(found[t] - due[t]))
        return Verdict(False, f"With T = {worst:g} it gives {found[worst]:.4f}, where {due[worst]:.4f} is due.")
    return Verdict(True, "The same as softmax(logits / T) with its logarithm, for T = 1, 2 and 5.")


def _close(found, due):
    return all(np.isclose(found[t], due[t], rtol=1e-6) for t in found)


def _soft(p, t):
    powers = p ** (1 / t)
    return powers / powers.sum(axis=1, keepdims=True)


def _entropy(said, wanted):
    return -np.mean(np.sum(wanted * np.log(said), axis=1))


_SLIPS = {
    "T² has no place here: the paper multiplies by nothing. And T has to soften both answers.": lambda s, w, t: (
        _entropy(s, w) * t**2
    ),
    "T² has no place here: the paper multiplies by nothing.": lambda s, w, t: _entropy(_soft(s, t), _soft(w, t)) * t**2,
    "T does nothing yet: raise both answers to the power 1/T.": lambda s, w, t: _entropy(s, w),
    "After the power the numbers no longer add up to 1: divide by their sum.": lambda s, w, t: (
        _entropy(s ** (1 / t), w ** (1 / t))
    ),
    "The two answers have changed places: the logarithm belongs to what is said now.": lambda s, w, t: (
        _entropy(_soft(w, t), _soft(s, t))
    ),
    "The recorded answer has to be softened as well.": lambda s, w, t: _entropy(_soft(s, t), w),
    "What is said now has to be softened as well.": lambda s, w, t: _entropy(s, _soft(w, t)),
}


def check_two_goals(answer: Run) -> Verdict:
    """Exercise 2: keep and learn, without a single old image. Judged by the curves, on validation images."""
    if wrong := ended_run(answer):
        return wrong
    one = answer.settings
    wanted = Settings(strategy="learning without forgetting", updates=UPDATES).replace(
        **{name: getattr(one, name) for name in _FREE}
    )
    if one != wanted or answer.events:
        return Verdict(
            False,
            'Stay with "learning without forgetting", 400 updates and the other settings as they are; '
            "λ, T, the warm-up and the learning rate are free.",
        )
    if answer.status != "finished":
        return Verdict(False, "The run was stopped early. Let it make all of its updates.")
    lost, new = forgotten(answer), learnt(answer)
    numbers = f"forgetting {lost:.1f} points, new task {100 * new:.1f} %, on validation images"
    if lost > MOST_FORGETTING and new < LEAST_NEW:
        return Verdict(False, f"Neither goal yet: {numbers}. Is the rate too high?")
    if lost > MOST_FORGETTING:
        return Verdict(False, f"Too much is lost: {numbers}. What weighs the old answers more, or moves less?")
    if new < LEAST_NEW:
        return Verdict(False, f"Too little is learnt: {numbers}. What leaves more room to learn?")
    return Verdict(True, f"Both at once: {numbers}. {told(answer)}")


def check_own_row(answer: Run, reference: Run) -> Verdict:
    """Exercise 3: a row that isn't in the table, with less than half of fine-tuning's forgetting."""
    if wrong := ended_run(answer):
        return wrong
    row = answer.settings.row
    if row.source:
        return Verdict(False, f"{row.name!r} is in the table already. Make a row of your own.")
    free = {name: getattr(answer.settings, name) for name in ("strategy", "old_loss_weight", "temperature")}
    if answer.settings != reference.settings.replace(**free) or answer.events:
        return Verdict(False, "Leave all settings but the strategy, λ and T as they are in the run of fine-tuning.")
    for name, other in STRATEGIES.items():
        if other is not row and _makes(row) == _makes(other):
            return Verdict(False, f"This row is {name!r} by another name. Combine parts and losses in a new way.")
    if answer.status != "finished" or answer.updates != reference.updates:
        return Verdict(False, f"Let it make all of its {reference.updates} updates, as fine-tuning did.")
    lost, before = forgotten(answer), forgotten(reference)
    numbers = f"{lost:.1f} instead of {before:.1f} points forgotten on validation images"
    gained = f"new task {100 * learnt(answer):.1f} % instead of {100 * learnt(reference):.1f} %"
    if learnt(answer) < learnt(reference) / 2:
        return Verdict(False, f"{numbers}, but {gained}: hardly anything is learnt.")
    if lost > before / 2:
        return Verdict(False, f"{numbers}: that isn't half of it yet. Which term protects, and which part may stay?")
    return Verdict(True, f"A strategy of your own: {numbers}, {gained}. {told(answer)}")


def _makes(row):
    """What makes a row another one: not λ, which is a setting; the backbone's rate where the backbone trains."""
    rate = row.backbone_rate if {"backbone", "top"} & set(row.trains) else None
    return row.trains, row.losses, rate, row.keeps_copy
