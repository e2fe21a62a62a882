"""The checks of notebook 10."""

import math
import numbers
from collections.abc import Callable, Sequence

import numpy as np

from utils.exercises.verdict import Verdict
from utils.text.encoder import small_text_encoder
from utils.text.model import TextModel
from utils.text.reviews import reviews
from utils.text.statistics import STATISTICS, TextStatistics
from utils.text.tuning import EncoderTraining

_UNUSUAL = "?!", "😀😀", "Очень вкусно", "ok", "A word " * 400
_SAME = 0.999
# Small changes of a text, of which whatever has a meaning survives at least one: a hash, say, survives none.
_CHANGES = (
    lambda text: f"Well, {text}",
    lambda text: f"{text} It was there.",
    lambda text: " ".join(word for place, word in enumerate(text.split()) if place != 5),
)
_ALIKE = 0.3


def check_statistic(answer: Callable[[str], float]) -> Verdict:
    """Check exercise 1: a function from a text to a number that has a meaning and isn't one of `STATISTICS`."""
    if not callable(answer):
        return Verdict(False, f"Expected a function from a text to a number, not {type(answer).__name__}.")
    for text in _UNUSUAL:
        try:
            value = float(answer(text))
        except Exception as error:  # the learner's function may raise anything
            return Verdict(False, f"For {text[:20]!r} it raises {type(error).__name__}: {error}.")
        if not math.isfinite(value):
            return Verdict(False, f"For {text[:20]!r} it gives {value}: it must give a finite number for any text.")
    texts = reviews().texts_train
    values = _values(answer, texts)
    if np.ptp(values) == 0:
        return Verdict(False, f"It gives {values[0]:g} for every training text: a model can learn nothing from it.")
    if (values != _values(answer, texts)).any():
        return Verdict(False, "Asked twice about the same text, it gives two different numbers.")
    if max(_likeness(values, _values(answer, map(change, texts))) for change in _CHANGES) < _ALIKE:
        why = "one word more or less changes it completely, so it says nothing about new texts"
        return Verdict(False, f"It tells texts apart without describing them: {why}.")
    for name, known in zip(STATISTICS, TextStatistics().transform(texts).T, strict=True):
        if abs(_likeness(values, known)) > _SAME:
            return Verdict(False, f"That is {name!r} again, up to its scale: count something else.")
    rows = np.array(reviews().y_train) == 1
    means = f"{values[~rows].mean():.2f} in negative training texts, {values[rows].mean():.2f} in positive ones"
    return Verdict(True, f"A new one: on average {means}.")


def _values(answer, texts):
    return np.array([float(answer(text)) for text in texts])


def _likeness(a, b):
    """Pearson's correlation; 0 where one of the two is the same everywhere."""
    return np.corrcoef(a, b)[0, 1] if np.ptp(a) and np.ptp(b) else 0.0


def check_fooled(number: int, models: Sequence[TextModel]) -> Verdict:
    """Check exercise 2: a validation review that each of the models gets wrong.

    Args:
        number: Its place among the validation texts, from 0.
        models: The results of `fit_text_model` on the reviews.
    """
    task = reviews()
    last = len(task.texts_validation) - 1
    if isinstance(number, bool) or not isinstance(number, numbers.Integral):
        return Verdict(False, f"Expected the number of a validation text, from 0 to {last}, not {number!r}.")
    if not 0 <= number <= last:
        return Verdict(False, f"There is no validation text {number}: they are numbered from 0 to {last}.")
    models = list(models)
    if not models or not all(isinstance(model, TextModel) for model in models):
        return Verdict(False, "Expected a list of models, each a result of fit_text_model(...).")
    label = task.class_names[task.y_validation[number]]
    predictions = [(_name(model), model.predict(task.texts_validation[number])) for model in models]
    answers = "; ".join(
        f"{name} says {predicted.label} ({predicted.probability:.0%})" for name, predicted in predictions
    )
    if right := [name for name, predicted in predictions if predicted.label == label]:
        return Verdict(False, f"Text {number} is {label}. Right about it: {', '.join(right)}. {answers}.")
    return Verdict(True, f"Text {number} is {label}, and all are wrong: {answers}.")


def check_last_block(answer: EncoderTraining) -> Verdict:
    """Check exercise 3: a training in which the small encoder's last block learns, and nothing below it."""
    if not isinstance(answer, EncoderTraining):
        return Verdict(False, f"Expected an EncoderTraining, not {type(answer).__name__}.")
    start, now = small_text_encoder().network, answer.encoder.network
    if [weight.shape for weight in start.weights] != [weight.shape for weight in now.weights]:
        return Verdict(False, "That is another encoder: give EncoderTraining the one from small_text_encoder().")
    changed = [
        name
        for name in answer.encoder.blocks
        if any(
            not np.array_equal(before, after)
            for before, after in zip(
                start.get_layer(name).get_weights(), now.get_layer(name).get_weights(), strict=True
            )
        )
    ]
    last = answer.encoder.blocks[-1]
    if not changed:
        return Verdict(False, "No layer of the encoder has changed: is anything unfrozen, and have you called fit?")
    if changed != [last]:
        return Verdict(False, f"These have changed: {', '.join(changed)}. Only {last} should: see encoder.blocks.")
    return Verdict(
        True, f"{last} has changed, and everything below it hasn't: {answer.trained_parameters:,} parameters learn."
    )


def _name(model):
    features = model.features
    return f"{model.model} on {features[0] if len(features) == 1 else f'{len(features)} features'}"
