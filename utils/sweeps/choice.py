"""Hyperparameters chosen on validation images: the lowest validation loss out of a grid that is wide enough."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

from utils.strategies import Settings, SettingsError
from utils.training import run

CHOOSING_SEED = 5  # none of the seeds 0 to 4 whose test results are reported
_MOST_EXTENSIONS = 4


@dataclass(frozen=True)
class Tried:
    """One point of the grid. loss, accuracy: of the new task, on validation images, where the run's result is from."""

    settings: Settings
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Choice:
    """What was chosen, and out of what.

    settings: the best ones, with the seed that they were given with. at_edge: fields whose best value is still the
    lowest or highest that was tried: for these the grid was too small.
    """

    settings: Settings
    tried: tuple[Tried, ...]
    at_edge: tuple[str, ...] = ()


def choose(
    settings: Settings,
    grid: dict[str, Iterable[float]],
    seed: int = CHOOSING_SEED,
    progress: Callable = iter,
) -> Choice:
    """Run every combination of the grid, and choose the one with the lowest validation loss of the new task.

    A learning rate that is best at the edge of its grid means that the grid was too small: it grows there, by the ratio
    of its two outermost values, four times at most.

    Args:
        settings: everything that the grid doesn't say.
        grid: values by field of `Settings`.
        seed: of these runs alone; take none whose results you report.
        progress: wraps the list of combinations, such as `utils.show_progress`.

    Raises:
        SettingsError: for an unknown field, an empty list of values, a value that can't be, or where every run
            diverged.
    """
    values = {name: tuple(sorted(given)) for name, given in grid.items()}
    if empty := [name for name, given in values.items() if not given]:
        raise SettingsError(f"grid: {empty[0]} has no values; give one or more.")
    tried = _try(settings, values, seed, progress)
    for _ in range(_MOST_EXTENSIONS):
        best = min(tried, key=lambda one: one.loss)
        further = _beyond(best.settings.learning_rate, values.get("learning_rate", ()))
        if further is None:
            break
        values["learning_rate"] = tuple(sorted((*values["learning_rate"], further)))
        tried += _try(settings, values | {"learning_rate": (further,)}, seed, progress)
    best = min(tried, key=lambda one: one.loss)
    if best.loss == float("inf"):
        raise SettingsError(f"grid: every run diverged, with {values}; give lower learning rates.")
    edges = [
        name
        for name, given in values.items()
        if len(given) > 1 and getattr(best.settings, name) in (given[0], given[-1])
    ]
    return Choice(best.settings.replace(seed=settings.seed), tuple(tried), tuple(edges))


def _try(settings, values, seed, progress):
    points = [dict(zip(values, point, strict=True)) for point in product(*values.values())]
    return [_tried(run(settings.replace(seed=seed, **point))) for point in progress(points)]


def _tried(run):
    at = run.result_point
    loss = run.history["new_loss"][at] if run.status != "diverged" else float("inf")
    return Tried(run.settings, float(loss), float(run.history["new_accuracy"][at]))


def _beyond(rate, rates):
    """The next rate outside the grid, where the best one is at its edge."""
    if len(rates) > 1 and rate == rates[0]:
        return float(f"{rate * rates[0] / rates[1]:.2g}")
    if len(rates) > 1 and rate == rates[-1]:
        return float(f"{rate * rates[-1] / rates[-2]:.2g}")
    return None
