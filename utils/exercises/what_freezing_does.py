"""The models and the checks of notebook 02."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

import numpy as np

from utils.exercises.verdict import Verdict
from utils.frameworks import keras
from utils.freezing import set_trainable, track_weights

WANTED = {"block_2_conv", "head"}
_X = np.random.default_rng(0).random((16, 8, 8, 1), "float32")
_Y = np.random.default_rng(1).integers(0, 3, 16)


def photo_model() -> keras.Model:
    """A base of two blocks, each a convolution and a batch normalization, below a head: compiled, not fitted yet."""
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 1))
    x = image
    for block in ("block_1", "block_2"):
        x = keras.layers.Conv2D(4, 3, activation="relu", name=f"{block}_conv")(x)
        x = keras.layers.BatchNormalization(name=f"{block}_norm")(x)
    base = keras.Model(image, keras.layers.GlobalAveragePooling2D(name="average")(x), name="base")
    model = keras.Sequential([keras.Input((8, 8, 1)), base, keras.layers.Dense(3, name="head")], name="photos")
    compile_photos(model)
    return model


def compile_photos(model: keras.Model) -> None:
    """Compile with a new optimizer, plain SGD, for three classes as logits."""
    model.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def fit_photos(model: keras.Model) -> None:
    """One pass over 16 random images."""
    model.fit(_X, _Y, verbose=0)


def check_layers(answer: Iterable[str] | int | slice) -> Verdict:
    """Check exercise 1: layers for set_trainable, so that only the second convolution and the head train."""
    model = photo_model()
    try:
        set_trainable(model, answer)
    except ValueError as error:
        return Verdict(False, f"set_trainable refuses it. {error}")
    changed = {layer for layer, weights in _fit_changes(model).items() if weights}
    if extra := sorted(changed - WANTED):
        hint = " A pattern includes everything that it matches." if any("norm" in layer for layer in extra) else ""
        return Verdict(False, f"This changes, too: {', '.join(extra)}.{hint}")
    if missing := sorted(WANTED - changed):
        return Verdict(False, f"This doesn't change: {', '.join(missing)}.")
    return Verdict(True, "block_2_conv and head changed in a fit, and not a bit of anything else.")


def check_stage(answer: Callable[[keras.Model], None]) -> Verdict:
    """Check exercise 2: a function that prepares a fitted model with a frozen base for fine-tuning.

    The base's convolutions and the head must train, and the batch normalizations stay as they are.
    """
    if not callable(answer):
        return Verdict(False, f"Expected a function that takes the model, not {type(answer).__name__}.")
    model = photo_model()
    model.get_layer("base").trainable = False
    compile_photos(model)
    fit_photos(model)
    compiled_flags = _watch_compile(model)
    answer(model)
    flags = _flags(model)
    try:
        rows = _fit_changes(model)
    except ValueError as error:
        message = textwrap.shorten(str(error).splitlines()[0], 100, placeholder=" …")
        return Verdict(False, f"Keras refuses the fit: {message} Does it have a new optimizer?")
    unchanged = [layer for layer in ("block_1_conv", "block_2_conv", "head") if not rows[layer]]
    if len(unchanged) == 3:
        return Verdict(False, "Nothing trains at all.")
    if unchanged:
        hint = " Was the model compiled after its flags were set?" if len(unchanged) == 2 else ""
        return Verdict(False, f"This doesn't change: {', '.join(unchanged)}.{hint}")
    if changed_norms := {layer: weights for layer, weights in rows.items() if "norm" in layer and weights}:
        layer, weights = next(iter(changed_norms.items()))
        return Verdict(False, f"The convolutions train, but {layer} has changed, too: {', '.join(weights)}.")
    if not compiled_flags or compiled_flags[-1] != flags:
        why = "It works here only because no fit lies between: set all flags first, then compile."
        return Verdict(False, f"Flags were changed after the last compile. {why}")
    return Verdict(True, "The convolutions and the head train; no batch normalization has changed by a bit.")


def puzzle() -> dict[str, tuple[str, ...]]:
    """The answer to exercise 3, by experiment: layer → the weights that change in the last fit."""
    model = photo_model()
    base, head = model.get_layer("base"), model.get_layer("head")
    base.trainable = False
    base.get_layer("block_2_norm").trainable = True
    compile_photos(model)
    fit_photos(model)
    head.trainable = False
    return _fit_changes(model)


def check_puzzle(answer: Iterable[str]) -> Verdict:
    """Check exercise 3: the layers with a weight that changes in the last fit."""
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        return Verdict(False, "Expected a set of names of layers.")
    answer, changes = {str(name).rpartition("/")[2] for name in answer}, puzzle()  # a path such as "base/x" names x
    if unknown := answer - set(changes):
        names = ", ".join(sorted(unknown))
        return Verdict(False, f"There is no {names}; the layers are {', '.join(changes)}.")
    right = {layer: weights for layer, weights in changes.items() if weights}
    if missing := right.keys() - answer:
        hints = {
            "head": "A flag set after a fit, without a compile: what does it do?",
            "block_2_norm": "It has a flag of its own. Which one counts, its own or the base's?",
        }
        return Verdict(False, hints.get(min(missing), f"Something is missing: {min(missing)} changes."))
    if extra := answer - right.keys():
        return Verdict(False, f"{', '.join(sorted(extra))}: not a bit of it changes.")
    return Verdict(True, "; ".join(f"{layer}: {', '.join(weights)}" for layer, weights in right.items()) + ".")


def _flags(model):
    """The weights that Keras lists as trainable."""
    return {weight.path for weight in model.trainable_weights}


def _watch_compile(model):
    """A list to which each compilation of the model from now on adds the flags that it finds."""
    seen, compile_model = [], model.compile

    def watched(*arguments, **options):
        seen.append(_flags(model))
        return compile_model(*arguments, **options)

    model.compile = watched
    return seen


def _fit_changes(model):
    """Layer → the weights that a fit changes."""
    with track_weights(model) as changes:
        fit_photos(model)
    return {row.layer.rpartition("/")[2]: row.changed for row in changes.rows}
