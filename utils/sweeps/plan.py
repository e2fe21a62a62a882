"""What a sweep is to run: a list of settings or a grid, each with every seed."""

from collections.abc import Iterable, Mapping
from itertools import product

from utils.checks import check_iterable, check_list, check_seed
from utils.messages import given, refusal
from utils.strategies import Settings, SettingsError

_WANTED = "give a list of Settings, or a grid such as {'learning_rate': [0.001, 0.01]}"


def grid(settings: Settings | None = None, **values: Iterable) -> list[Settings]:
    """All combinations of these values.

    Args:
        settings: The settings for all other fields; None for the defaults.
        **values: The values to try, by field of `Settings`.

    Raises:
        SettingsError: For an unknown field, a field without values, and a value that isn't allowed.
    """
    base = Settings() if settings is None else settings
    if not isinstance(base, Settings):
        raise SettingsError(refusal("settings", settings, "give a Settings, or None"))
    return _combined("grid", base, values)


def _combined(argument, base, values):
    listed = {}
    for name, field_values in values.items():
        wanted = f"{given(name)} has {given(field_values)}: give a list of one or more values"
        if not isinstance(field_values, str | Mapping):  # which can be gone through, but hardly mean that
            check_iterable(argument, field_values, wanted, SettingsError)
            listed[name] = list(field_values)
        if not listed.get(name):
            raise SettingsError(refusal(argument, values, wanted))
    combinations = [dict(zip(listed, combination, strict=True)) for combination in product(*listed.values())]
    try:
        return [base.replace(**changes) for changes in combinations]
    except TypeError:  # a field that isn't a text
        raise SettingsError(refusal(argument, values, "its keys must be names of fields of Settings")) from None


def planned_settings(plan, seeds: Iterable[int] | None) -> list[Settings]:
    """The settings of all runs: each of the plan with each seed, no two the same.

    Args:
        plan: A list of settings, or a mapping of fields to values: a grid.
        seeds: The seeds; None for those of the settings.

    Raises:
        SettingsError: For a plan without runs, and for what isn't allowed in one.
    """
    if isinstance(plan, Mapping):
        if not plan:
            raise SettingsError(refusal("plan", plan, f"it is empty; {_WANTED}"))
        plan = _combined("plan", Settings(), plan)
    settings = check_list("plan", plan, Settings, _WANTED, error=SettingsError)
    if not settings:
        raise SettingsError(refusal("plan", plan, f"it has no runs; {_WANTED}"))
    if seeds is not None:
        listed = check_list("seeds", seeds, wanted="give a list of whole numbers", error=SettingsError)
        seeds = [check_seed("seeds", seed) for seed in listed]
        if not seeds:
            raise SettingsError(refusal("seeds", seeds, "give one or more, or None for those of the settings"))
        settings = [each.replace(seed=seed) for each in settings for seed in seeds]
    return list(dict.fromkeys(settings))
