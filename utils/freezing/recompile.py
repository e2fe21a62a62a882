"""Compiling a model again as it was, with a fresh optimizer: Keras fixes at compilation what trains."""

import inspect
import warnings

import keras

from utils.keras_internals import compile_arguments, copy_decay_exclusions, learning_rate_source


def check_compiled(model: keras.Model) -> None:
    """A ValueError for a model whose `compile` is its own: what that needs, only its author knows."""
    if type(model).compile is not keras.Model.compile:
        raise ValueError(
            f"model: {type(model).__name__} has a compile() of its own, which can't be repeated from outside; "
            "give recompile=False, then compile it yourself, with a new optimizer"
        )


def compile_again(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    """Compile with the same loss, metrics and all else, and this optimizer."""
    model.compile(**compile_arguments(model) | {"optimizer": optimizer})


def fresh_copy(used: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """An optimizer of the same settings that has met no weights yet; a schedule's step is kept.

    Raises a ValueError, with the way out, for one that can't be made again from its settings.
    """
    try:
        fresh = type(used).from_config(_settings_of(used))
    except Exception as error:  # whatever a class of the reader's own makes of it
        raise _cannot(used, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}") from error
    for name in inspect.signature(type(used).__init__).parameters:
        before, after = getattr(used, name, None), getattr(fresh, name, None)
        if isinstance(before, int | float | str | bool) and before != after:
            raise _cannot(used, f"its copy has {name}={after!r} instead of {before!r}")
    for old, new in zip(_layers_of(used), _layers_of(fresh), strict=True):
        if isinstance(learning_rate_source(old), keras.optimizers.schedules.LearningRateSchedule):
            new.iterations.assign(old.iterations)
        copy_decay_exclusions(old, new)
    return fresh


def _settings_of(used):
    """Its config; a learning rate that is a function of the reader's own is handed on as it is."""
    rate = learning_rate_source(used)
    if not callable(rate) or isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return used.get_config()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of functions that are to be stored, which this one isn't
        return used.get_config() | {"learning_rate": rate}


def _layers_of(optimizer):
    """An optimizer and the one that it wraps: half precision puts one around the reader's."""
    inner = getattr(optimizer, "inner_optimizer", None)
    return [optimizer, *(_layers_of(inner) if inner is not None else [])]


def _cannot(used, why):
    return ValueError(
        f"optimizer: {type(used).__name__} can't be copied ({why}); put all its settings into its get_config(), "
        "or give recompile=False, then compile the model yourself with a new optimizer"
    )
