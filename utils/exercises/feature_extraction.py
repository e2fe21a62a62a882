"""The checks of notebook 03."""

from __future__ import annotations

import numpy as np

from utils.exercises.verdict import Verdict
from utils.frameworks import keras
from utils.measures import linear_probe
from utils.models import checkpoint_weights, pretrained
from utils.tasks import load_pair

_CASES = ((1, 4.0, 1.0), (10, 4.0, 1.0), (20, 0.5, 0.5), (3, 0.1, 2.0))  # epochs, seconds of backbone and of head
IMAGES, LEAST_GAIN = 1000, 3  # points of the new task
MOST_FEATURES = 64  # as many as the backbone gives


def check_saved(answer) -> Verdict:
    """Check exercise 1: the share of the time that is saved by computing features once.

    Args:
        answer: A function saved(epochs, backbone, head). backbone: seconds to pass the images through the backbone
            once; head: seconds to train the head for an epoch.
    """
    if not callable(answer):
        return Verdict(False, f"Expected a function, not {type(answer).__name__}.")
    try:
        shares = [float(answer(*case)) for case in _CASES]
    except Exception as error:  # the reader's function may raise anything
        return Verdict(False, f"saved{_CASES[0]} ended with {type(error).__name__}: {error}.")
    every_epoch = [epochs * (backbone + head) for epochs, backbone, head in _CASES]
    once = [backbone + epochs * head for epochs, backbone, head in _CASES]
    right = [1 - a / b for a, b in zip(once, every_epoch, strict=True)]
    if np.allclose(shares, right):
        return Verdict(True, f"With these seconds, ten epochs save {right[1]:.0%} and one saves {right[0]:.0%}.")
    if np.allclose(shares, np.subtract(every_epoch, once)):
        return Verdict(False, "These are the seconds saved. As a share: divide by what it took before.")
    if np.allclose(shares, np.divide(once, every_epoch)):
        return Verdict(False, "That is the share that is left, not the share that is saved.")
    if np.allclose(shares, [backbone / (backbone + head) for _, backbone, head in _CASES]):
        return Verdict(False, "The features must be computed, too: the backbone runs once, instead of in every epoch.")
    if np.allclose(shares, [(epochs - 1) / epochs for epochs, *_ in _CASES]):
        return Verdict(False, "The head is trained in every epoch either way. That time isn't saved.")
    case = next(i for i in range(len(_CASES)) if not np.isclose(shares[i], right[i]))
    return Verdict(False, f"saved{_CASES[case]} should be {right[case]:.3f}, and is {shares[case]:.3f}.")


def check_features(answer: keras.Model) -> Verdict:
    """Check exercise 2: at most 64 features with which a new head gets further than with the backbone's 64.

    A linear probe is fitted to the features of 1,000 drawings, and judged on validation images.

    Args:
        answer: A Keras model from images to features, with the checkpoint's weights.
    """
    if not isinstance(answer, keras.Model):
        return Verdict(False, f"Expected a keras.Model from images to features, not {type(answer).__name__}.")
    pair = load_pair("digits-drawings")
    if answer.input_shape[1:] != pair.new.input_shape or len(answer.output_shape) != 2:
        shapes = f"It goes from {answer.input_shape[1:]} to {answer.output_shape[1:]}"
        expected = f"Images are {pair.new.input_shape}, and features one row of numbers per image: flatten them"
        return Verdict(False, f"{shapes}. {expected}.")
    if (width := answer.output_shape[1]) > MOST_FEATURES:
        hint = "How could a whole feature map become one number?"
        return Verdict(False, f"These are {width} numbers per image, and at most {MOST_FEATURES} are allowed. {hint}")
    checkpoint = [weight for values in checkpoint_weights(pair.old, "small_cnn").values() for weight in values]
    for weight in answer.weights:
        if not any(np.array_equal(weight.numpy(), array) for array in checkpoint):
            return Verdict(False, f"{weight.path} isn't the checkpoint's. Build on the blocks of pretrained(...).")
    usual = _probe_accuracy(pretrained(pair).backbone, pair)
    accuracy = _probe_accuracy(answer, pair)
    numbers = f"{accuracy:.1%} of the new task on validation images, and {usual:.1%} with the backbone's 64 features"
    if 100 * (accuracy - usual) < LEAST_GAIN:
        return Verdict(False, f"{numbers}: expected {LEAST_GAIN} points more. Which block has better features?")
    return Verdict(True, f"{numbers}, from {width} features, without any change to the backbone.")


def _probe_accuracy(extractor, pair):
    """The validation accuracy of a linear probe on these features."""
    new = pair.new
    train, validation = (
        (extractor.predict(x, batch_size=250, verbose=0), y)
        for x, y in ((new.x_train[:IMAGES], new.y_train[:IMAGES]), (new.x_validation, new.y_validation))
    )
    return linear_probe(train, validation, validation, strengths=(0.01, 0.1, 1.0)).validation
