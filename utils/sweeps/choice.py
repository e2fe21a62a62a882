"""Choose hyperparameters by the lowest validation loss on a grid that is wide enough."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

from utils.checks import check_kind, check_list, check_mapping, check_seed, wrapped
from utils.messages import given
from utils.strategies import Settings, SettingsError
from utils.training import run

CHOOSING_SEED = 5  # not one of the seeds 0 to 4, whose test results are reported
_MOST_EXTENSIONS = 4


@dataclass(frozen=True)
class GridPoint:
    """One combination of hyperparameters.

    Attributes:
        settings: The settings of the run.
        loss: The new task's validation loss at the point that the run's result comes from; infinite if it diverged.
        accuracy: The new task's validation accuracy there, a fraction.
    """

    settings: Settings
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Choice:
    """The result of `choose`.

    Attributes:
        settings: The best settings, with the seed of the settings that `choose` was given.
        points: All combinations that were run.
        at_edge: Fields whose best value is the lowest or the highest that was tried: their grid was too small.
    """

    settings: Settings
    points: tuple[GridPoint, ...]
    at_edge: tuple[str, ...] = ()


def choose(
    settings: Settings,
    grid: dict[str, Iterable[float]],
    seed: int = CHOOSING_SEED,
    progress: Callable = iter,
) -> Choice:
    """Run every combination of the grid, and choose the one with the lowest validation loss of the new task.

    A learning rate that is best at the edge of its grid means that the grid was too small. The grid then grows there by
    the ratio of its two outermost values, up to four times.

    Args:
        settings: The settings for all fields that aren't in the grid.
        grid: The values to try, by field of `Settings`.
        seed: The seed of these runs. Don't use one whose results you report.
        progress: A function around the list of combinations, such as `utils.show_progress`.

    Returns:
        The best settings, and everything that was tried.

    Raises:
        SettingsError: For an unknown field, an empty list of values, a value that isn't allowed, or where every run
            diverged.
    """
    check_kind("settings", settings, Settings, "give a Settings", SettingsError)
    values = {name: _sorted(name, field_values) for name, field_values in check_mapping("grid", grid, _GRID).items()}
    check_seed("seed", seed)
    points = _run_grid(settings, values, seed, progress)
    for _ in range(_MOST_EXTENSIONS):
        best = min(points, key=lambda point: point.loss)
        further = _beyond(best.settings.learning_rate, values.get("learning_rate", ()))
        if further is None:
            break
        values["learning_rate"] = tuple(sorted((*values["learning_rate"], further)))
        points += _run_grid(settings, values | {"learning_rate": (further,)}, seed, progress)
    best = min(points, key=lambda point: point.loss)
    if best.loss == float("inf"):
        raise SettingsError(f"grid: every run diverged, with {values}; give lower learning rates.")
    edges = [
        name
        for name, field_values in values.items()
        if len(field_values) > 1 and getattr(best.settings, name) in (field_values[0], field_values[-1])
    ]
    return Choice(best.settings.replace(seed=settings.seed), tuple(points), tuple(edges))


_GRID = "give a mapping of fields to lists of values, such as {'learning_rate': [0.001, 0.01]}"


def _sorted(name, values):
    """The values of a field in ascending order; all are tried as settings, which check them."""
    listed = check_list("grid", values, object, _GRID, error=SettingsError)
    if not listed:
        raise SettingsError(f"grid: {name} has no values, {given(values)}; give one or more.")
    try:
        return tuple(sorted(listed))
    except (TypeError, ValueError):
        raise SettingsError(f"grid: {name} has {given(listed)}, which is not allowed: give numbers.") from None


def _run_grid(settings, values, seed, progress):
    combinations = [dict(zip(values, combination, strict=True)) for combination in product(*values.values())]
    return [_grid_point(run(settings.replace(seed=seed, **changes))) for changes in wrapped(progress, combinations)]


def _grid_point(run):
    at = run.result_point
    loss = run.history["new_loss"][at] if run.status != "diverged" else float("inf")
    return GridPoint(run.settings, float(loss), float(run.history["new_accuracy"][at]))


def _beyond(rate, rates):
    """The next rate outside the grid, where the best one is at its edge."""
    if len(rates) > 1 and rate == rates[0]:
        return float(f"{rate * rates[0] / rates[1]:.2g}")
    if len(rates) > 1 and rate == rates[-1]:
        return float(f"{rate * rates[-1] / rates[-2]:.2g}")
    return None
