"""Simple statistics of texts, the kind of features that are made by hand."""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from utils.checks import check_function, check_list, check_mapping

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_NEGATION = re.compile(r"\b(?:no|not|never|none|nothing|nobody|nowhere|neither|nor|without|cannot|\w+n['’]t)\b", re.I)
_CONTRAST = re.compile(r"\b(?:but|yet|however|although|though|despite|except|unfortunately)\b", re.I)
_I = re.compile(r"\b(?:i|me|my|mine|we|us|our|ours)\b", re.I)


def _words(text):
    return _WORD.findall(text)


def _share(part, whole):
    return len(part) / len(whole) if whole else 0.0


# Name → a function from a text to a number. For a text without words, whatever is counted by words is 0.
STATISTICS: dict[str, Callable[[str], float]] = {
    "words": lambda text: len(_words(text)),
    "mean word length": lambda text: float(np.mean([len(word) for word in _words(text)] or [0])),
    "different words": lambda text: _share({word.lower() for word in _words(text)}, _words(text)),
    "sentences": lambda text: len(re.findall(r"[.!?…]+(?:\s|$)", text)),
    "commas": lambda text: text.count(","),
    "exclamation marks": lambda text: text.count("!"),
    "question marks": lambda text: text.count("?"),
    "capital letters": lambda text: _share(list(filter(str.isupper, text)), list(filter(str.isalpha, text))),
    "digits": lambda text: sum(map(str.isdigit, text)),
    "negation words": lambda text: len(_NEGATION.findall(text)),
    "words of contrast": lambda text: len(_CONTRAST.findall(text)),
    "I and we": lambda text: len(_I.findall(text)),
}


class TextStatistics(TransformerMixin, BaseEstimator):
    """Texts to a table of statistics, as a scikit-learn transformer.

    Any script, emoji, and texts without a word are allowed.

    Args:
        statistics: name → function from a text to a number; None for all of `STATISTICS`.
    """

    def __init__(self, statistics: Mapping[str, Callable[[str], float]] | None = None):
        if statistics is not None:
            for name, count in check_mapping("statistics", statistics, "give a mapping of names to functions").items():
                check_function(f"statistics: {name}", count, 1)
        self.statistics = statistics

    def fit(self, texts: Sequence[str], labels=None) -> "TextStatistics":
        """Return the transformer as it is: nothing is learned from the texts."""
        return self

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """Count.

        Args:
            texts: N texts.

        Returns:
            float64 of shape (N, statistics), columns in the order of `get_feature_names_out`.

        Raises:
            ValueError: For what isn't a str, or a statistic that doesn't give a finite number.
        """
        functions, texts = self._functions(), check_list("texts", texts, str, "give a list of texts")
        rows = np.empty((len(texts), len(functions)))
        for row, text in enumerate(texts):
            for column, (name, count) in enumerate(functions.items()):
                rows[row, column] = _number(name, count(text))
        return rows

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """The names of the columns."""
        return np.array(list(self._functions()), dtype=object)

    def __sklearn_is_fitted__(self):
        return True

    def _functions(self):
        functions = STATISTICS if self.statistics is None else dict(self.statistics)
        if not functions:
            raise ValueError("statistics={} is not allowed: give at least one.")
        return functions


def _number(name, value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise ValueError(f"The statistic {name!r} gives {value!r}: it must give a finite number for any text.")
    return number
