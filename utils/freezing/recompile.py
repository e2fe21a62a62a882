"""Compiling a model again as it was, with a fresh optimizer: Keras fixes at compilation what trains."""

from __future__ import annotations

import inspect
import warnings

from utils.frameworks import keras
from utils.keras_internals import compile_arguments, copy_decay_exclusions, learning_rate_source


def check_compiled(model: keras.Model) -> None:
    """Raise a ValueError for a model with a `compile` of its own, which only its author can call correctly."""
    if type(model).compile is not keras.Model.compile:
        raise ValueError(
            f"model: {type(model).__name__} has a compile() of its own, which can't be repeated from outside; "
            "give recompile=False, then compile it yourself, with a new optimizer"
        )


def compile_again(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    """Compile with this optimizer, and everything else as before."""
    model.compile(**compile_arguments(model) | {"optimizer": optimizer})


def fresh_copy(used: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """An optimizer of the same settings that has met no weights yet; a learning-rate schedule keeps its step.

    Raises:
        ValueError: For one that can't be rebuilt from its settings; the message says what to do.
    """
    try:
        fresh = type(used).from_config(_settings_of(used))
    except Exception as error:  # a class of the reader's own may raise anything
        raise _no_copy(used, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}") from error
    for name in inspect.signature(type(used).__init__).parameters:
        before, after = getattr(used, name, None), getattr(fresh, name, None)
        if isinstance(before, int | float | str | bool) and before != after:
            raise _no_copy(used, f"its copy has {name}={after!r} instead of {before!r}")
    for old, new in zip(_with_wrapped(used), _with_wrapped(fresh), strict=True):
        if isinstance(learning_rate_source(old), keras.optimizers.schedules.LearningRateSchedule):
            new.iterations.assign(old.iterations)
        copy_decay_exclusions(old, new)
    return fresh


def _settings_of(used):
    """The optimizer's config; a learning rate that is a function is passed on as it is."""
    rate = learning_rate_source(used)
    if not callable(rate) or isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return used.get_config()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns that functions can't be stored, which doesn't matter here
        return used.get_config() | {"learning_rate": rate}


def _with_wrapped(optimizer):
    """An optimizer and the one that it wraps: half precision wraps the reader's in another."""
    inner = getattr(optimizer, "inner_optimizer", None)
    return [optimizer, *(_with_wrapped(inner) if inner is not None else [])]


def _no_copy(used, why):
    return ValueError(
        f"optimizer: {type(used).__name__} can't be copied ({why}); put all its settings into its get_config(), "
        "or give recompile=False, then compile the model yourself with a new optimizer"
    )
