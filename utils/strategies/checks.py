"""Checks of what a reader may ask for: each error names the field, the value and what is allowed."""

import difflib
import math
import numbers
from collections.abc import Iterable, Mapping

import numpy as np

from utils.models import NEW_HEAD, Backbone
from utils.strategies.strategy import Strategy

LEAST_LEARNING_RATE = 1e-30  # far below it, a float32 is 0 and nothing would train


class SettingsError(ValueError):
    """A setting that can't be: the message names the field, its value and what is allowed."""


def check_choice(field, value, allowed) -> None:
    """An error naming the allowed values, and the nearest of them, unless the value is one of them."""
    if not isinstance(value, str) or value not in allowed:
        near = difflib.get_close_matches(str(value), list(allowed), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise SettingsError(
            f"{field}={value!r} is not allowed: it must be one of {', '.join(map(repr, allowed))}.{hint}"
        )


def check_whole(field, value, least, most, most_is=None) -> int:
    """The value as an int, or an error naming the field, the value and the range."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        limit = f"{most:,}" if most_is is None else f"{most:,} ({most_is})"
        raise SettingsError(f"{field}={value!r} is not allowed: it must be a whole number from {least} to {limit}.")
    return int(value)


def check_flag(field, value) -> bool:
    """The value as a bool, or an error naming the field, the value and what is allowed."""
    if not isinstance(value, bool | np.bool_):
        raise SettingsError(f"{field}={value!r} is not allowed: it must be True or False.")
    return bool(value)


def check_learning_rate(value) -> float:
    """The value as a float, or an error naming it and what is allowed."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    try:
        rate = float(value) if number else math.nan
    except OverflowError:  # a whole number beyond all floats
        rate = math.inf
    if not LEAST_LEARNING_RATE <= rate < math.inf:
        raise SettingsError(
            f"learning_rate={value!r} is not allowed: it must be a finite number of {LEAST_LEARNING_RATE} or more."
        )
    return rate


def check_number(field, value, least, most) -> float:
    """The value as a float, or an error naming the field, the value and the range."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not least <= value <= most:  # NaN is in no range
        raise SettingsError(f"{field}={value!r} is not allowed: it must be a number from {least:g} to {most:g}.")
    return float(value)


def check_rates(field, rates, network: Backbone, row: Strategy) -> tuple[tuple[str, float], ...]:
    """Pairs (layer, factor) in the network's order, from a mapping or pairs; factors from 0 to 1,000."""
    try:
        factors = dict(rates.items() if isinstance(rates, Mapping) else rates)
    except (AttributeError, TypeError, ValueError):
        raise SettingsError(
            f"{field}={rates!r} is not allowed: give a mapping of layers to factors, such as {{'conv1': 0.1}}."
        ) from None
    names = row.network(network)
    for name in factors:
        check_choice(field, name, names)
    return tuple((name, check_number(field, factors[name], 0, 1000)) for name in names if name in factors)


def check_mapping(field, given) -> dict:
    """A mapping of names to values, or pairs of both, as a dict; without what is None."""
    try:
        values = dict(given.items() if isinstance(given, Mapping) else given)
    except (AttributeError, TypeError, ValueError):
        values = {None: None}
    if not all(isinstance(name, str) for name in values):
        raise SettingsError(f"{field}={given!r} is not allowed: give a mapping of options to values.")
    return {name: value for name, value in values.items() if value is not None}


def check_numbers(field, given) -> tuple[tuple[str, float], ...]:
    """Pairs (option, number), from a mapping or pairs; whether there are such options is another question."""
    values = check_mapping(field, given)
    return tuple((name, check_number(name, value, -math.inf, math.inf)) for name, value in values.items())


def check_loss_options(given, row: Strategy, field: str = "loss_options") -> tuple[tuple[str, float], ...] | None:
    """Pairs (option, value) in the order of the strategy's loss terms, from a mapping or pairs; None for none."""
    values = check_mapping(field, given)
    options = {option.name: option for option in row.options if option.name != "temperature"}
    for name, value in values.items():
        if not options:
            raise SettingsError(f"{field}: {name!r} is not allowed: the loss of {row.name} has no such option.")
        check_choice(field, name, options)
        values[name] = check_number(name, value, options[name].least, options[name].most)
    return tuple((name, values[name]) for name in options if name in values) or None


def check_some_rate(factors: dict[str, float], learning: tuple[str, ...]) -> None:
    """An error unless one of the layers that learn does so at more than 0 times the learning rate."""
    if not any(factors[name] for name in learning):
        raise SettingsError(
            f"layer_rates={{{', '.join(f'{name!r}: 0' for name in learning)}}} is not allowed: that's all that trains, "
            "so nothing would learn. Give one of them a factor above 0, or let another layer train."
        )


def check_names(layers) -> tuple[str, ...]:
    """The trained layers as a tuple, or an error where this is no list."""
    listed = isinstance(layers, Iterable) and not isinstance(layers, str)
    names = tuple(layers) if listed else ()
    if not listed or not all(isinstance(name, str) for name in names):
        example = layers if isinstance(layers, str) else NEW_HEAD
        raise SettingsError(f"trained_layers={layers!r} is not allowed: give a list of names, such as [{example!r}].")
    return names


def check_layers(layers, network: Backbone, row: Strategy) -> tuple[str, ...]:
    """The trained layers in the network's order; an error where one is unknown or nothing would learn."""
    names, reached, wanted = row.network(network), row.reached(network), check_names(layers)
    for name in wanted:
        check_choice("trained_layers", name, names)
    if len(set(wanted)) < len(wanted):
        twice = next(name for name in wanted if wanted.count(name) > 1)
        raise SettingsError(f"trained_layers={list(wanted)} is not allowed: {twice!r} stands there twice.")
    if not set(wanted) & set(reached):
        what = "every layer is frozen" if not wanted else f"no loss of {row.name} reaches {' or '.join(wanted)}"
        raise SettingsError(
            f"trained_layers={list(wanted)} is not allowed: nothing would train, since {what}. "
            f"Unfreeze at least one of {', '.join(reached)}."
        )
    return tuple(name for name in names if name in wanted)
