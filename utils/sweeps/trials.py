"""What was tried to choose a learning rate and λ for each strategy, and the rule by which it was chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import fmean

from utils.strategies import Settings
from utils.sweeps.choice import beyond
from utils.sweeps.outcome import Outcome

Outcomes = Callable[[list[Settings]], list[Outcome]]
_MOST_GROWN = 6  # times that a grid of λ grows


@dataclass(frozen=True)
class Trial:
    """The results of several seeds with one learning rate and one λ. Accuracies are fractions, one for each seed.

    Attributes:
        pair: The pair.
        strategy: The strategy.
        learning_rate: The learning rate.
        old_loss_weight: λ; None where the strategy has no term with such a factor.
        old_validation: The old task's accuracies on validation images.
        new_validation: The new task's.
        old: The old task's on test images, which choose nothing.
        new: The new task's.
    """

    pair: str
    strategy: str
    learning_rate: float
    old_loss_weight: float | None
    old_validation: tuple[float, ...]
    new_validation: tuple[float, ...]
    old: tuple[float, ...]
    new: tuple[float, ...]

    @classmethod
    def from_outcomes(cls, outcomes: Sequence[Outcome]) -> Trial:
        """The trial that runs of several seeds make up."""
        settings = outcomes[0].settings
        weight = settings.protection if settings.row.protects else None
        results = {
            name: tuple(getattr(outcome, name) for outcome in outcomes)
            for name in ("old_validation", "new_validation", "old", "new")
        }
        return cls(settings.pair, settings.strategy, settings.learning_rate, weight, **results)

    @classmethod
    def from_dict(cls, values: dict) -> Trial:
        """The inverse of `to_dict`."""
        read = {field.name: values[field.name] for field in fields(cls)}
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in read.items()})

    def to_dict(self) -> dict:
        """Plain values, for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def try_settings(outcomes: Outcomes, choices: Iterable[Settings], seeds: Sequence[int]) -> list[Trial]:
    """Run each of these settings with all seeds, all of them in one go."""
    choices = list(choices)
    made = outcomes([settings.replace(seed=seed) for settings in choices for seed in seeds])
    return [Trial.from_outcomes(made[first : first + len(seeds)]) for first in range(0, len(made), len(seeds))]


def best(trials: Iterable[Trial]) -> Trial:
    """The trial with the highest mean accuracy of the new task on validation images; of equals, that with the strongest
    protection and the lowest rate."""
    return max(trials, key=lambda trial: (_new_task(trial), trial.old_loss_weight or 0, -trial.learning_rate))


def widen(trials: Sequence[Trial], further: Callable[[float], list[Trial]]) -> list[Trial]:
    """Try larger or smaller λ, until the best is neither the largest nor the smallest.

    Args:
        trials: The trials of one strategy at one rate, two or more.
        further: Makes the trial with another λ.

    Returns:
        All trials; the best may still be at an end after six steps.
    """
    trials = list(trials)
    for _ in range(_MOST_GROWN):
        next_weight = beyond(best(trials).old_loss_weight, sorted(trial.old_loss_weight for trial in trials), digits=1)
        if next_weight is None:
            break
        trials += further(next_weight)
    return trials


def _new_task(trial):
    return fmean(trial.new_validation)
