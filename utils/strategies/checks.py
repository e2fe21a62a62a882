"""Checks of single values: each `SettingsError` names the field, the value and what is allowed."""

import math
from collections.abc import Mapping

from utils import checks
from utils.messages import given, refusal
from utils.models import NEW_HEAD, Backbone
from utils.strategies.strategy import Strategy

LEAST_LEARNING_RATE = 1e-30  # far below it, a float32 is 0 and nothing would train


class SettingsError(ValueError):
    """A setting that isn't allowed: the message names the field, its value and what is allowed."""


def check_choice(field, value, allowed) -> None:
    """Raise an error that lists the allowed values and suggests one, unless the value is one of them."""
    checks.check_one_of(field, value, allowed, SettingsError)


def check_whole(field, value, least, most, limit=None) -> int:
    """The value as an int, if it's a whole number in the range.

    Args:
        field: The name of the field.
        value: Its value.
        least: The smallest value allowed.
        most: The largest.
        limit: The name of the field that `most` is the value of, for the message.

    Raises:
        SettingsError: For any other value.
    """
    wanted = "" if limit is None else f"it must be a whole number from {least} to {most:,} ({limit})"
    return checks.check_whole_number(field, value, least, most, wanted, SettingsError)


def check_flag(field, value) -> bool:
    """The value as a bool, if it is one."""
    return checks.check_flag(field, value, SettingsError)


def check_learning_rate(value, field: str = "learning_rate") -> float:
    """The value as a float, if a float32 can hold it as a rate above 0."""
    wanted = f"it must be a finite number of {LEAST_LEARNING_RATE} or more"
    return checks.check_number(field, value, LEAST_LEARNING_RATE, math.inf, wanted, SettingsError)


def check_number(field, value, least, most) -> float:
    """The value as a float, if it's a number in the range."""
    return checks.check_number(field, value, least, most, error=SettingsError)


def check_rates(field, rates, network: Backbone, strategy: Strategy) -> tuple[tuple[str, float], ...]:
    """Pairs (layer, factor) in the network's order, from a mapping or pairs. Factors are from 0 to 1,000."""
    try:
        factors = dict(rates.items() if isinstance(rates, Mapping) else rates)
    except (AttributeError, TypeError, ValueError):
        wanted = "give a mapping of layers to factors, such as {'conv1': 0.1}"
        raise SettingsError(refusal(field, rates, wanted)) from None
    names = strategy.network(network)
    for name in factors:
        check_choice(field, name, names)
    return tuple((name, check_number(field, factors[name], 0, 1000)) for name in names if name in factors)


def check_mapping(field, values) -> dict:
    """A dict without the values that are None, from a mapping or pairs."""
    try:
        mapping = {None: None} if hasattr(values, "columns") else dict(values)  # a table of pandas's is no mapping
    except (TypeError, ValueError):
        mapping = {None: None}
    if not all(isinstance(name, str) for name in mapping):
        raise SettingsError(f"{field}={given(values)} is not allowed: give a mapping of options to values.")
    return {name: value for name, value in mapping.items() if value is not None}


def check_numbers(field, values) -> tuple[tuple[str, float], ...]:
    """Pairs (option, number), from a mapping or pairs; whether the options exist isn't checked."""
    mapping = check_mapping(field, values)
    return tuple((name, check_number(name, value, -math.inf, math.inf)) for name, value in mapping.items())


def check_loss_options(values, strategy: Strategy, field: str = "loss_options") -> tuple[tuple[str, float], ...] | None:
    """Pairs (option, value) in the order of the strategy's loss terms, from a mapping or pairs; None where empty."""
    mapping = check_mapping(field, values)
    options = {option.name: option for option in strategy.options if option.name != "temperature"}
    for name, value in mapping.items():
        if not options:
            raise SettingsError(f"{field}: {name!r} is not allowed: the loss of {strategy.name} has no such option.")
        check_choice(field, name, options)
        mapping[name] = check_number(name, value, options[name].least, options[name].most)
    return tuple((name, mapping[name]) for name in options if name in mapping) or None


def check_some_rate(factors: dict[str, float], learning: tuple[str, ...]) -> None:
    """Raise an error unless one of the layers that learn has a factor of the learning rate above 0."""
    if not any(factors[name] for name in learning):
        raise SettingsError(
            f"layer_rates={{{', '.join(f'{name!r}: 0' for name in learning)}}} is not allowed: no other layer trains, "
            "so nothing would learn. Give one of them a factor above 0, or let another layer train."
        )


def check_names(layers) -> tuple[str, ...]:
    """The trained layers as a tuple, if they are a list of names."""
    example = layers if isinstance(layers, str) else NEW_HEAD
    wanted = f"give a list of names, such as [{example!r}]"
    names = checks.check_list("trained_layers", layers, wanted=wanted, error=SettingsError)
    if not all(isinstance(name, str) for name in names):  # a panel marks the field that the message begins with
        raise SettingsError(refusal("trained_layers", layers, wanted))
    return names


def check_layers(layers, network: Backbone, strategy: Strategy) -> tuple[str, ...]:
    """Check which layers are to train.

    Args:
        layers: The names of the layers.
        network: The backbone.
        strategy: The strategy.

    Returns:
        The names in the network's order.

    Raises:
        SettingsError: For an unknown layer, one that is named twice, and layers none of which would learn.
    """
    if not isinstance(strategy, Strategy):
        raise SettingsError(refusal("strategy", strategy, "give a Strategy"))
    names, reached, trained = strategy.network(network), strategy.reached(network), check_names(layers)
    for name in trained:
        check_choice("trained_layers", name, names)
    if len(set(trained)) < len(trained):
        twice = next(name for name in trained if trained.count(name) > 1)
        raise SettingsError(f"trained_layers={list(trained)} is not allowed: it contains {twice!r} twice.")
    if not set(trained) & set(reached):
        reason = "every layer is frozen"
        if trained:
            reason = f"no loss of {strategy.name} reaches {' or '.join(trained)}"
        raise SettingsError(
            f"trained_layers={list(trained)} is not allowed: nothing would train, since {reason}. "
            f"Unfreeze at least one of {', '.join(reached)}."
        )
    return tuple(name for name in names if name in trained)
