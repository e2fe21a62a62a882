"""The models and the checks of notebook 02."""

import textwrap
from collections.abc import Callable, Iterable

import keras
import numpy as np

from utils.exercises.verdict import Verdict
from utils.freezing import set_trainable, track_weights

WANTED = {"block_2_conv", "head"}
_X = np.random.default_rng(0).random((16, 8, 8, 1), "float32")
_Y = np.random.default_rng(1).integers(0, 3, 16)


def photo_model() -> keras.Model:
    """A base of two blocks, each a convolution and a batch normalisation, below a head: compiled, not yet fitted."""
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 1))
    x = image
    for block in ("block_1", "block_2"):
        x = keras.layers.Conv2D(4, 3, activation="relu", name=f"{block}_conv")(x)
        x = keras.layers.BatchNormalization(name=f"{block}_norm")(x)
    base = keras.Model(image, keras.layers.GlobalAveragePooling2D(name="average")(x), name="base")
    whole = keras.Sequential([keras.Input((8, 8, 1)), base, keras.layers.Dense(3, name="head")], name="photos")
    compile_photos(whole)
    return whole


def compile_photos(model: keras.Model) -> None:
    """Compile with a new optimizer, plain SGD, for three classes as logits."""
    model.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def fit_photos(model: keras.Model) -> None:
    """One pass over 16 random images."""
    model.fit(_X, _Y, verbose=0)


def check_layers(answer: Iterable[str] | int | slice) -> Verdict:
    """Exercise 1: what to give set_trainable so that the second convolution and the head train, and nothing else."""
    model = photo_model()
    try:
        set_trainable(model, answer)
    except ValueError as error:
        return Verdict(False, f"set_trainable refuses it. {error}")
    rows = _seen(model)
    now = {layer for layer, weights in rows.items() if weights}
    if extra := sorted(now - WANTED):
        hint = " A pattern takes everything that it matches." if any("norm" in one for one in extra) else ""
        return Verdict(False, f"This moves, too: {', '.join(extra)}.{hint}")
    if missing := sorted(WANTED - now):
        return Verdict(False, f"This stands still: {', '.join(missing)}.")
    return Verdict(True, "block_2_conv and head moved in a fit, and no bit of anything else.")


def check_stage(answer: Callable[[keras.Model], None]) -> Verdict:
    """Exercise 2: a function that readies a fitted model with a frozen base for fine-tuning: the base's convolutions
    and the head train, the batch normalisations stay as they are."""
    if not callable(answer):
        return Verdict(False, f"A function that takes the model is due, not {type(answer).__name__}.")
    model = photo_model()
    model.get_layer("base").trainable = False
    compile_photos(model)
    fit_photos(model)
    answer(model)
    try:
        rows = _seen(model)
    except ValueError as error:
        said = textwrap.shorten(str(error).splitlines()[0], 100, placeholder=" …")
        return Verdict(False, f"Keras refuses the fit: {said} Does it have a new optimizer?")
    still = [layer for layer in ("block_1_conv", "block_2_conv", "head") if not rows[layer]]
    if len(still) == 3:
        return Verdict(False, "Nothing trains at all.")
    if still:
        hint = " Was the model compiled after its flags were set?" if len(still) == 2 else ""
        return Verdict(False, f"This stands still: {', '.join(still)}.{hint}")
    if restless := {layer: weights for layer, weights in rows.items() if "norm" in layer and weights}:
        layer, weights = next(iter(restless.items()))
        return Verdict(False, f"The convolutions train; but {layer} has moved, too: {', '.join(weights)}.")
    return Verdict(True, "The convolutions and the head train; no batch normalisation has moved by a bit.")


def puzzle() -> dict[str, tuple[str, ...]]:
    """What exercise 3 asks for, run: layer → the weights that move in the last fit."""
    model = photo_model()
    base, head = model.get_layer("base"), model.get_layer("head")
    base.trainable = False
    base.get_layer("block_2_norm").trainable = True
    compile_photos(model)
    fit_photos(model)
    head.trainable = False
    return _seen(model)


def check_puzzle(answer: Iterable[str]) -> Verdict:
    """Exercise 3: the layers of which a weight moves in the last fit."""
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        return Verdict(False, "A set of names of layers is due.")
    answer, seen = set(answer), puzzle()
    if unknown := answer - set(seen):
        return Verdict(False, f"There is no {', '.join(sorted(map(str, unknown)))}; the layers are {', '.join(seen)}.")
    right = {layer for layer, weights in seen.items() if weights}
    if missing := right - answer:
        hints = {
            "head": "A flag set after a fit, without a compile: what does it do?",
            "block_2_norm": "It has a flag of its own. Who asks for the base's?",
        }
        return Verdict(False, hints.get(min(missing), f"Something is missing: {min(missing)} moves."))
    if extra := answer - right:
        return Verdict(False, f"{', '.join(sorted(extra))}: not a bit of it moves.")
    return Verdict(True, "; ".join(f"{layer}: {', '.join(seen[layer])}" for layer in seen if seen[layer]) + ".")


def _seen(model):
    """Layer → the weights that a fit moves."""
    with track_weights(model) as seen:
        fit_photos(model)
    return {row.layer.rpartition("/")[2]: row.changed for row in seen.rows}
