"""The values that the fields of `Settings` may have."""

from collections.abc import Mapping

from utils.models import Backbone
from utils.strategies.checks import (
    SettingsError,
    check_choice,
    check_flag,
    check_layers,
    check_learning_rate,
    check_loss_options,
    check_number,
    check_rates,
    check_whole,
)
from utils.strategies.losses import TEMPERATURE
from utils.strategies.strategy import Strategy

OPTIMIZERS = ("adam", "sgd")
_WHOLE_NUMBERS = {  # by field: the smallest and the largest
    "batch_size": (1, 1024),
    "updates": (1, 100_000),
    "new_images": (1, 60_000),
    "unfreeze_every": (0, 100_000),
    "evaluate_every": (1, 100_000),
    "patience": (0, 100_000),
    "rate_drops": (0, 10),
    "seed": (0, 2**31 - 1),
}
NUMBERS = {  # by field: the smallest and the largest
    "temperature": (TEMPERATURE.least, TEMPERATURE.most),
    "rate_decay": (1, 1000),
    "old_loss_weight": (0, 1e6),
    "head_l2": (0, 1e6),
}


def check_fields(values: Mapping, strategy: Strategy, network: Backbone) -> dict:
    """Check all fields except the pair with its options, the backbone and the strategy.

    Args:
        values: The values by field.
        strategy: The strategy.
        network: The backbone.

    Returns:
        The values as they are stored, by field; without those that stay as they are.

    Raises:
        SettingsError: For the first value that isn't allowed.
    """
    check_choice("optimizer", values["optimizer"], OPTIMIZERS)
    checked = {field: check_whole(field, values[field], *limits) for field, limits in _WHOLE_NUMBERS.items()}
    checked["warm_up"] = check_whole("warm_up", values["warm_up"], 0, checked["updates"], "updates")
    checked["learning_rate"] = check_learning_rate(values["learning_rate"])
    if values["warm_up_rate"] is not None:
        checked["warm_up_rate"] = check_learning_rate(values["warm_up_rate"], "warm_up_rate")
    if values["standardize"] is not None:
        checked["standardize"] = check_flag("standardize", values["standardize"])
    for field, limits in NUMBERS.items():
        if values[field] is not None or field != "old_loss_weight":
            checked[field] = check_number(field, values[field], *limits)
    if values["old_images"] is not None:
        if strategy.needs_old_data and values["old_images"] == 0:
            raise SettingsError(f"old_images=0 is not allowed: {strategy.name} needs images of the old task.")
        checked["old_images"] = check_whole("old_images", values["old_images"], 0, 60_000)
    if values["layer_rates"] is not None:
        checked["layer_rates"] = check_rates("layer_rates", values["layer_rates"], network, strategy)
    if values["loss_options"] is not None:
        defaults = {option.name: option.default for option in strategy.options}
        options = check_loss_options(values["loss_options"], strategy) or ()
        checked["loss_options"] = tuple(pair for pair in options if pair[1] != defaults[pair[0]]) or None
    if values["trained_layers"] is not None:
        checked["trained_layers"] = check_layers(values["trained_layers"], network, strategy)
    return checked
