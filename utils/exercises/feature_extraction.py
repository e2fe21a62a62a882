"""The checks of notebook 03."""

import keras
import numpy as np

from utils.exercises.verdict import Verdict
from utils.measures import linear_probe
from utils.models import checkpoint_weights, pretrained
from utils.tasks import load_pair

_CASES = ((1, 4.0, 1.0), (10, 4.0, 1.0), (20, 0.5, 0.5), (3, 0.0, 2.0))  # epochs, seconds of backbone and of head
IMAGES, LEAST_GAIN = 1000, 3  # points of the new task


def check_saved(answer) -> Verdict:
    """Exercise 1: a function saved(epochs, backbone, head), the share of the time saved by computing features once.

    backbone: seconds to pass the images through the backbone once; head: seconds of training the head for an epoch.
    """
    if not callable(answer):
        return Verdict(False, f"A function is due here, not {type(answer).__name__}.")
    try:
        given = [float(answer(*case)) for case in _CASES]
    except Exception as error:  # a reader's function may raise anything
        return Verdict(False, f"saved{_CASES[0]} ended with {type(error).__name__}: {error}.")
    fresh = [epochs * (backbone + head) for epochs, backbone, head in _CASES]
    once = [backbone + epochs * head for epochs, backbone, head in _CASES]
    right = [1 - a / b for a, b in zip(once, fresh, strict=True)]
    if np.allclose(given, right):
        return Verdict(True, f"With these seconds, ten epochs save {right[1]:.0%} and one saves {right[0]:.0%}.")
    if np.allclose(given, np.subtract(fresh, once)):
        return Verdict(False, "These are the seconds saved. As a share: divide by what it took before.")
    if np.allclose(given, np.divide(once, fresh)):
        return Verdict(False, "That is the share that is left, not the share that is saved.")
    if np.allclose(given, [backbone / (backbone + head) for _, backbone, head in _CASES]):
        return Verdict(False, "The features come from somewhere: the backbone is run once, in place of every epoch.")
    if np.allclose(given, [(epochs - 1) / epochs for epochs, *_ in _CASES]):
        return Verdict(False, "The head is trained in every epoch, either way. That time isn't saved.")
    case = next(i for i in range(len(_CASES)) if not np.isclose(given[i], right[i]))
    return Verdict(False, f"saved{_CASES[case]} should be {right[case]:.3f}, and is {given[case]:.3f}.")


def check_features(answer: keras.Model) -> Verdict:
    """Exercise 2: a Keras model from images to features that carry a new head further than the backbone's 64.

    Its weights must be the checkpoint's. A linear probe is fitted to the features of 1,000 drawings; judged on
    validation images.
    """
    if not isinstance(answer, keras.Model):
        return Verdict(False, f"A keras.Model from images to features is due here, not {type(answer).__name__}.")
    pair = load_pair("digits-drawings")
    if answer.input_shape[1:] != pair.new.input_shape or len(answer.output_shape) != 2:
        given = f"It goes from {answer.input_shape[1:]} to {answer.output_shape[1:]}"
        wanted = f"Images are {pair.new.input_shape}, and features one row of numbers an image: flatten them"
        return Verdict(False, f"{given}. {wanted}.")
    due = [weight for values in checkpoint_weights(pair.old, "small_cnn").values() for weight in values]
    for weight in answer.weights:
        if not any(np.array_equal(weight.numpy(), one) for one in due):
            return Verdict(False, f"{weight.path} isn't as at the checkpoint. Build on the blocks of pretrained(...).")
    usual = _reached(pretrained(pair).backbone, pair)
    reached = _reached(answer, pair)
    numbers = f"{reached:.1%} of the new task on validation images, and {usual:.1%} with the backbone's 64 features"
    if 100 * (reached - usual) < LEAST_GAIN:
        return Verdict(False, f"{numbers}: {LEAST_GAIN} points more are asked. Do other blocks know more?")
    return Verdict(True, f"{numbers}, from {answer.output_shape[1]} features, and no weight of the backbone moved.")


def _reached(extractor, pair):
    """The validation accuracy of a linear probe on these features."""
    new = pair.new
    train, validation = (
        (extractor.predict(x, batch_size=250, verbose=0), y)
        for x, y in ((new.x_train[:IMAGES], new.y_train[:IMAGES]), (new.x_validation, new.y_validation))
    )
    return linear_probe(train, validation, validation, strengths=(0.01, 0.1, 1.0)).validation
