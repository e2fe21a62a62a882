"""The checks of notebook 01. What they say has been tried: each trains a little, and looks."""

from collections.abc import Iterable

import keras

from utils.exercises.verdict import Verdict
from utils.freezing import set_trainable
from utils.measures import Movement, movement
from utils.models import BACKBONES, DEFAULT_BACKBONE, layer_names, observe, pretrained
from utils.plots import movement_text
from utils.plots.style import layer_label
from utils.strategies import Settings, SettingsError
from utils.tasks import load_pair

LAYERS = layer_names(BACKBONES[DEFAULT_BACKBONE])
GIVEN = ("conv3", "new_head")  # what trains in exercise 2
_TARGET = "conv3"
_IMAGES = 96  # three steps


def check_features_alone(answer: Iterable[str]) -> Verdict:
    """Exercise 1: layers to train so that conv3's features of a digit move, and its weights don't."""
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        return Verdict(False, f"A list of the layers that train is due, not {answer!r}.")
    try:
        moved = moved_by_training(tuple(answer))
    except SettingsError as error:
        return Verdict(False, str(error))
    weights, features = (movement_text(one) for one in (moved[_TARGET].weights, moved[_TARGET].features))
    if moved[_TARGET].weights:
        return Verdict(False, f"{_TARGET} trains: its weights {weights} as well. It has to be frozen.")
    if not moved[_TARGET].features:
        why = f"Nothing before {_TARGET} trains, so it is fed with what it always was."
        return Verdict(False, f"{_TARGET}'s weights {weights}, but its features {features} either. {why}")
    below = " and ".join(name for name in LAYERS[: LAYERS.index(_TARGET)] if moved[name].weights)
    why = f"since its input comes by way of {below}, and is another"
    return Verdict(True, f"{_TARGET}'s weights {weights}; its features {features}, {why}.")


def check_prediction(weights: Iterable[str], features: Iterable[str]) -> Verdict:
    """Exercise 2: when `GIVEN` trains, whose weights move, and whose features of a digit?"""
    for field, answer in (("weights", weights), ("features", features)):
        if isinstance(answer, str) or not isinstance(answer, Iterable):
            return Verdict(False, f"{field}: a list of layers is due, not {answer!r}.")
    weights, features = list(weights), list(features)
    if unknown := [name for name in (*weights, *features) if name not in LAYERS]:
        return Verdict(False, f"There is no {unknown[0]!r}; the layers are {', '.join(LAYERS)}.")
    moved = moved_by_training(GIVEN)
    for name in LAYERS:
        if bool(moved[name].weights) != (name in weights):
            state = "is trained" if name in GIVEN else "is frozen"
            return Verdict(False, f"{layer_label(name)} {state}: its weights {movement_text(moved[name].weights)}.")
    for name in LAYERS:
        if bool(moved[name].features) != (name in features):
            return Verdict(False, _why_features(name, moved[name].features))
    return Verdict(True, "Weights move where a layer trains; features move there, and wherever that is passed on.")


def moved_by_training(layers: tuple[str, ...]) -> dict[str, Movement]:
    """How far each layer moves, looking at a digit, in a few steps in which these train; a `SettingsError` for none."""
    settings = Settings(trained_layers=layers)
    pair = load_pair(settings.pair)
    model, digit = pretrained(pair), pair.old.x_test[0]
    before = observe(model, digit)
    network = model.keras_model("new")
    set_trainable(network, settings.row.learning(settings.layers, settings.network))
    # So few steps aren't worth a trace.
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    network.fit(pair.new.x_train[:_IMAGES], pair.new.y_train[:_IMAGES], batch_size=32, verbose=0)
    return movement(before, observe(model, digit))


def _why_features(name, moved):
    first = next(layer for layer in LAYERS if layer in GIVEN)
    said = f"{layer_label(name)}'s features {movement_text(moved)}"
    if moved:
        return f"{said}: it is {first} itself." if name == first else f"{said}: {first} stands before it, and trains."
    return f"{said}: it stands before {first}, the first layer that trains, and never learns of it."
