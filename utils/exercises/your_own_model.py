"""The checks of notebook 12: a model with two outputs, and a network of the reader's own that keeps its old task."""

from __future__ import annotations

from utils.exercises.verdict import Verdict, check_ended, new_accuracy, points_forgotten, test_results
from utils.frameworks import keras
from utils.tasks import is_own
from utils.user_model import OwnModel

HEAD = "digit"
UPDATES = 200
MOST_FORGETTING, LEAST_NEW = 15, 0.5  # points; a fraction: both on validation examples


def flawed_model() -> keras.Model:
    """A network for digits with two outputs: which digit it is, and how thick its strokes are."""
    image = keras.Input((28, 28, 1), name="image")
    x = keras.layers.Conv2D(8, 3, strides=2, activation="relu", name="edges")(image)
    x = keras.layers.Conv2D(16, 3, strides=2, activation="relu", name="strokes")(x)
    x = keras.layers.Flatten(name="flat")(x)
    digit = keras.layers.Dense(10, activation="softmax", name=HEAD)(x)
    thickness = keras.layers.Dense(1, name="thickness")(x)
    return keras.Model(image, [digit, thickness], name="two_answers")


def check_single_output(answer) -> Verdict:
    """Check exercise 1: the network with two outputs, used by its head for digits alone."""
    if isinstance(answer, keras.Model):
        return Verdict(False, "That's the model. Now give it to own_model, with both tasks, and check the result.")
    if not isinstance(answer, OwnModel):
        return Verdict(False, f"Expected the result of own_model, not {type(answer).__name__}.")
    if answer.cut.head.name != HEAD or set(answer.blocks) != {"edges", "strokes"}:
        return Verdict(
            False, f"Its old head is {answer.cut.head.name!r}, its blocks are {', '.join(answer.blocks)}. Cut it "
            f"out of flawed_model(): from its input to the output of the layer {HEAD!r}.",
        )  # fmt: skip
    return Verdict(True, "One input, one output, and the shared layers before it: edges and strokes.")


def check_keeps(answer) -> Verdict:
    """Check exercise 2: a run of the reader's own network that learns the new task and keeps most of the old one."""
    if (wrong := check_ended(answer)) is not None:
        return wrong
    if not is_own(answer.settings.pair):
        return Verdict(False, "This run is one of the collection's. Make its settings with mine.settings(...).")
    if answer.settings.updates != UPDATES or answer.status != "finished":
        return Verdict(False, f"Let it make {UPDATES} updates, no more and no fewer, to the end.")
    if answer.settings.strategy == "duplicate and fine-tune":
        return Verdict(False, "With a copy of the network nothing is forgotten; here one network must do both.")
    lost, new = points_forgotten(answer), new_accuracy(answer)
    numbers = f"forgetting {lost:.1f} points, new task {new:.1%}, on validation images"
    if lost > MOST_FORGETTING:
        return Verdict(False, f"Too much is lost: {numbers}. Which loss protects the old task? What can stay frozen?")
    if new < LEAST_NEW:
        return Verdict(False, f"Too little is learned: {numbers}. Are too many layers frozen, or is the rate too low?")
    return Verdict(True, f"Both at once: {numbers}. {test_results(answer)}")
