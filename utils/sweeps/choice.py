"""Choose hyperparameters by the lowest validation loss on a grid that is wide enough."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from utils.checks import check_kind, check_list, check_mapping, check_one_of, check_seed
from utils.messages import given
from utils.strategies import Settings, SettingsError
from utils.sweeps.crew_choice import crew_for
from utils.sweeps.plan import grid as grid_of
from utils.sweeps.result_log import ResultLog
from utils.sweeps.runs import run_jobs

CHOOSING_SEED = 5  # not one of the seeds 0 to 4, whose test results are reported
_MOST_EXTENSIONS = 4
RULES = {  # by the words for it: what of a point is to be lowest
    "validation": lambda point: point.loss,
    "validation accuracy": lambda point: (-point.accuracy, point.loss),
}


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
        settings: The best settings; `choose` gives them the seed that they came with.
        points: All combinations that were run.
        at_edge: Fields whose best value is the lowest or the highest that was tried: their grid was too small.
    """

    settings: Settings
    points: tuple[GridPoint, ...]
    at_edge: tuple[str, ...] = ()


def choose(
    settings: Settings,
    grid: dict[str, Iterable[float]],
    on: str = "validation",
    seed: int = CHOOSING_SEED,
    progress: Callable = iter,
    *,
    client=None,
    processes: int = 0,
    path: str | Path | None = None,
) -> Choice:
    """Run every combination of the grid, and choose the one that is best for the new task on validation images.

    A learning rate that is best at the edge of its grid means that the grid was too small. The grid then grows there by
    the ratio of its two outermost values, up to four times. A best value that is still at an edge is warned of.

    Args:
        settings: The settings for all fields that aren't in the grid.
        grid: The values to try, by field of `Settings`.
        on: The rule: "validation" for the lowest validation loss, or "validation accuracy" for the highest accuracy
            (of equal ones, that with the lowest loss).
        seed: The seed of these runs. Don't use one whose results you report.
        progress: A function around the list of combinations, such as `utils.show_progress`.
        client: As in `sweep`.
        processes: As in `sweep`; 0, this process, unless given.
        path: A file as in `sweep`, with which the choice goes on after an interrupt; None for none.

    Returns:
        The best settings, and everything that was tried.

    Raises:
        SettingsError: For an unknown field, an empty list of values, a value that isn't allowed, or where every run
            diverged.
        WorkerError: Where a run failed.
    """
    check_kind("settings", settings, Settings, "give a Settings", SettingsError)
    values = {name: _sorted(name, field_values) for name, field_values in check_mapping("grid", grid, _GRID).items()}
    rule = RULES[check_one_of("on", on, RULES, SettingsError)]
    check_seed("seed", seed)
    crew, _ = crew_for([settings], processes, client)
    with ResultLog(path) as log:

        def results_of(tried):
            return run_jobs([(each, ()) for each in tried], "validation", log, crew).results(progress)

        made = best_of_grid(settings.replace(seed=seed), values, results_of, rule)
    for name in made.at_edge:
        best, tried = getattr(made.settings, name), sorted({getattr(point.settings, name) for point in made.points})
        listed = ", ".join(f"{value:g}" for value in tried)
        warnings.warn(f"{name}={best:g} is at the edge of what was tried ({listed}): widen its grid.", stacklevel=2)
    return replace(made, settings=made.settings.replace(seed=settings.seed))


def best_of_grid(
    settings: Settings,
    values: Mapping[str, Sequence[float]],
    results_of: Callable[[list[Settings]], list[dict]],
    rule: Callable = RULES["validation"],
) -> Choice:
    """The best settings of a grid, which grows as `choose` says.

    Args:
        settings: The settings for all other fields, with the seed of these runs.
        values: The values to try by field, in ascending order.
        results_of: Makes runs, and gives loss and accuracy of each, as `utils.sweeps.runs.validation_of` does.
        rule: Gives of a point what is to be lowest.
    """
    values, points, tried = dict(values), [], values
    for extensions in range(_MOST_EXTENSIONS + 1):
        planned = grid_of(settings, **tried)
        points += [_grid_point(each, result) for each, result in zip(planned, results_of(planned), strict=True)]
        best = min(points, key=rule)
        further = beyond(best.settings.learning_rate, values.get("learning_rate", ()))
        if further is None or extensions == _MOST_EXTENSIONS:
            break
        values["learning_rate"] = tuple(sorted((*values["learning_rate"], further)))
        tried = values | {"learning_rate": (further,)}
    if best.loss == float("inf"):
        raise SettingsError(f"grid: every run diverged, with {values}; give lower learning rates.")
    edges = [
        name
        for name, field_values in values.items()
        if len(field_values) > 1 and getattr(best.settings, name) in (field_values[0], field_values[-1])
    ]
    return Choice(best.settings, tuple(points), tuple(edges))


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


def _grid_point(settings, result):
    loss = float("inf") if result["loss"] is None else result["loss"]
    return GridPoint(settings, loss, result["accuracy"])


def beyond(value: float, values: Sequence[float], digits: int = 2) -> float | None:
    """The next value outside a grid, at the ratio of its two outermost ones; None for a value that isn't at its edge.

    Args:
        value: A value of the grid, such as the best.
        values: The grid in ascending order.
        digits: The digits to which the next value is rounded.
    """
    if len(values) > 1 and value in (values[0], values[-1]):
        neighbor = values[1] if value == values[0] else values[-2]
        return float(f"{value * value / neighbor:.{digits}g}")
    return None
