"""The checks of notebook 10."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from utils.exercises.verdict import Verdict
from utils.text.encoder import small_text_encoder
from utils.text.model import TextModel
from utils.text.reviews import reviews
from utils.text.statistics import STATISTICS, TextStatistics
from utils.text.tuning import EncoderTraining

_ODD = "?!", "😀😀", "Очень вкусно", "ok", "A word " * 400
_ALIKE = 0.999
_LEAST_WORDS = 4


def check_statistic(answer: Callable[[str], float]) -> Verdict:
    """Exercise 1: a function from a text to a number that is none of the statistics that are there."""
    if not callable(answer):
        return Verdict(False, f"A function from a text to a number is due, not {type(answer).__name__}.")
    for text in _ODD:
        try:
            value = float(answer(text))
        except Exception as error:  # the learner's function may raise anything
            return Verdict(False, f"For {text[:20]!r} it raises {type(error).__name__}: {error}.")
        if not math.isfinite(value):
            return Verdict(False, f"For {text[:20]!r} it gives {value}: a finite number is due for any text.")
    texts = reviews().texts_train
    values = np.array([float(answer(text)) for text in texts])
    if np.ptp(values) == 0:
        return Verdict(False, f"It gives {values[0]:g} for every training text: a model can learn nothing from it.")
    for name, known in zip(STATISTICS, TextStatistics().transform(texts).T, strict=True):
        if np.ptp(known) and abs(np.corrcoef(values, known)[0, 1]) > _ALIKE:
            return Verdict(False, f"That is {name!r} again, up to its scale: count something else.")
    rows = np.array(reviews().y_train) == 1
    means = f"{values[~rows].mean():.2f} in negative training texts, {values[rows].mean():.2f} in positive ones"
    return Verdict(True, f"A new one: on average {means}.")


def check_fooled(sentence: str, label: str, models: Sequence[TextModel]) -> Verdict:
    """Exercise 2: a sentence whose sentiment is clear to you, and which each of the models gets wrong."""
    names = reviews().class_names
    if not isinstance(sentence, str) or len(sentence.split()) < _LEAST_WORDS:
        return Verdict(False, f"A sentence of at least {_LEAST_WORDS} words is due.")
    if label not in names:
        return Verdict(False, f"label={label!r}: say what is right, {' or '.join(map(repr, names))}.")
    models = list(models)
    if not models or not all(isinstance(one, TextModel) for one in models):
        return Verdict(False, "The models are due as a list, each a result of fit_text_model(...).")
    told = [f"{_name(one)} says {one.say(sentence)[0]} ({one.say(sentence)[1]:.0%})" for one in models]
    if right := [_name(one) for one in models if one.say(sentence)[0] == label]:
        return Verdict(False, f"Right about it: {', '.join(right)}. {'; '.join(told)}.")
    return Verdict(True, f"All are wrong: {'; '.join(told)}.")


def check_last_block(answer: EncoderTraining) -> Verdict:
    """Exercise 3: a training in which the small encoder's last block learns, and nothing below it."""
    if not isinstance(answer, EncoderTraining):
        return Verdict(False, f"An EncoderTraining is due, not {type(answer).__name__}.")
    start, now = small_text_encoder().network, answer.encoder.network
    if [one.shape for one in start.weights] != [one.shape for one in now.weights]:
        return Verdict(False, "That is another encoder: give EncoderTraining the one of small_text_encoder().")
    moved = [
        name
        for name in answer.encoder.blocks
        if any(
            not np.array_equal(a, b)
            for a, b in zip(start.get_layer(name).get_weights(), now.get_layer(name).get_weights(), strict=True)
        )
    ]
    last = answer.encoder.blocks[-1]
    if not moved:
        return Verdict(False, "No layer of the encoder has moved: is anything unfrozen, and have you called fit?")
    if moved != [last]:
        return Verdict(False, f"What has moved is {', '.join(moved)}; {last} alone is due: see encoder.blocks.")
    return Verdict(
        True, f"{last} has moved, and all below it stand still: {answer.trained_parameters:,} numbers learn."
    )


def _name(one):
    return f"{one.model} on {one.features[0] if len(one.features) == 1 else f'{len(one.features)} features'}"
