"""The checks of notebook 01. Each trains for a few steps, and measures what has moved."""

from collections.abc import Iterable

from utils.exercises.verdict import Verdict
from utils.frameworks import keras
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
    """Check exercise 1: layers to train so that conv3's features of a digit move, and its weights don't."""
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        return Verdict(False, f"Expected a list of the layers that train, not {answer!r}.")
    try:
        moved = moved_by_training(tuple(answer))
    except SettingsError as error:
        return Verdict(False, str(error))
    weights, features = (movement_text(share) for share in (moved[_TARGET].weights, moved[_TARGET].features))
    if moved[_TARGET].weights:
        return Verdict(False, f"{_TARGET} trains: its weights {weights} as well. It has to be frozen.")
    if not moved[_TARGET].features:
        why = f"Nothing before {_TARGET} trains, so its input is the same as before."
        return Verdict(False, f"{_TARGET}'s weights {weights}, but its features {features} either. {why}")
    below = " and ".join(name for name in LAYERS[: LAYERS.index(_TARGET)] if moved[name].weights)
    why = f"because its input, which comes through {below}, has changed"
    return Verdict(True, f"{_TARGET}'s weights {weights}; its features {features}, {why}.")


def check_prediction(weights: Iterable[str], features: Iterable[str]) -> Verdict:
    """Check exercise 2: the layers whose weights and whose features of a digit move when `GIVEN` trains."""
    for field, answer in (("weights", weights), ("features", features)):
        if isinstance(answer, str) or not isinstance(answer, Iterable):
            return Verdict(False, f"{field}: expected a list of layers, not {answer!r}.")
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
    return Verdict(True, "Weights move where a layer trains; features move there, and in every layer behind it.")


def moved_by_training(layers: tuple[str, ...]) -> dict[str, Movement]:
    """How far each layer's weights and features of a digit move in a few steps.

    Args:
        layers: The layers that train.

    Raises:
        SettingsError: For no layers, or layers that can't train.
    """
    settings = Settings(trained_layers=layers)
    pair = load_pair(settings.pair)
    model, digit = pretrained(pair), pair.old.x_test[0]
    before = observe(model, digit)
    network = model.keras_model("new")
    set_trainable(network, settings.row.learning(settings.layers, settings.network))
    # Eagerly, since tracing would take longer than these few steps.
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    network.fit(pair.new.x_train[:_IMAGES], pair.new.y_train[:_IMAGES], batch_size=32, verbose=0)
    return movement(before, observe(model, digit))


def _why_features(name, moved):
    first = next(layer for layer in LAYERS if layer in GIVEN)
    statement = f"{layer_label(name)}'s features {movement_text(moved)}"
    if moved:
        return f"{statement}: it {'trains itself' if name == first else f'comes after {first}, which trains'}."
    return f"{statement}: it comes before {first}, the first layer that trains, and isn't affected by it."
