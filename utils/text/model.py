"""One model on chosen features of texts: what the panel of notebook 10 shows, without the panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import FeatureUnion, make_pipeline

from utils.checks import check_kind, check_names, check_one_of, check_whole_number
from utils.measures.scaling import FeatureScaler
from utils.text.classifiers import boosted_trees, logistic_regression
from utils.text.encoder import TextEncoder
from utils.text.features import EncoderFeatures, encode
from utils.text.statistics import STATISTICS, TextStatistics
from utils.text.texts import TextTask, clean

VECTOR = "encoder vector"
FEATURES = (VECTOR, *STATISTICS)
MODELS = "logistic regression", "XGBoost"
_SHUFFLES = 5


class Prediction(NamedTuple):
    """A predicted class, and the probability that the model gives it, from 0 to 1."""

    label: str
    probability: float


class Neighbor(NamedTuple):
    """A training text, its class, and the cosine between its vector and another, from -1 to 1."""

    text: str
    label: str
    cosine: float


@dataclass(frozen=True, eq=False)
class TextModel:
    """A fitted scikit-learn pipeline, and its results on the validation texts.

    Attributes:
        task: The task.
        encoder: The encoder.
        features: Names of `FEATURES` that the model reads, in that order.
        model: The name of the model on top, one of `MODELS`.
        pipeline: The pipeline, from texts to classes.
        accuracy: Validation accuracy, a fraction.
        confusion: Counts of (true, predicted), of shape (classes, classes).
        importances: Permutation importance (Breiman 2001) of each of `features`: the points of validation accuracy that
            are lost when its values are shuffled between the texts, the mean of five shuffles. The vector is shuffled
            as a whole.
    """

    task: TextTask
    encoder: TextEncoder
    features: tuple[str, ...]
    model: str
    pipeline: object
    accuracy: float
    confusion: np.ndarray
    importances: np.ndarray

    def predict(self, text: str) -> Prediction:
        """The predicted class of a text. Raises ValueError for a text without anything to read."""
        probabilities = self.pipeline.predict_proba([clean(text)])[0]
        return Prediction(self.task.class_names[int(probabilities.argmax())], float(probabilities.max()))

    def nearest(self, text: str, count: int = 3) -> list[Neighbor]:
        """The `count` training texts whose vectors point in the most similar direction, the nearest first."""
        vectors = encode(self.encoder, self.task.texts_train)
        vector = self.encoder.vectors([clean(text)])[0]
        cosines = vectors @ vector / np.maximum(np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector), 1e-9)
        return [
            Neighbor(self.task.texts_train[i], self.task.class_names[self.task.y_train[i]], float(cosines[i]))
            for i in np.argsort(-cosines)[: check_whole_number("count", count)]
        ]


def fit_text_model(
    task: TextTask, encoder: TextEncoder, features: Sequence[str] = FEATURES, model: str = MODELS[0]
) -> TextModel:
    """Fit a model on these features of the training texts.

    Args:
        task: The task.
        encoder: The encoder, for `VECTOR`.
        features: Names from `FEATURES`, at least one.
        model: The model on top, one of `MODELS`.

    Returns:
        The fitted model.

    Raises:
        ValueError: For an unknown feature or model, or no feature.
    """
    check_kind("task", task, TextTask, "give a TextTask")
    check_kind("encoder", encoder, TextEncoder, "give a TextEncoder")
    features = check_names("features", features, 1, f"give some of {', '.join(FEATURES)}")
    for name in features:
        check_one_of("features", name, FEATURES)
    check_one_of("model", model, MODELS)
    features = tuple(name for name in FEATURES if name in features)
    union, columns = _union(encoder, features)
    top = logistic_regression() if model == MODELS[0] else boosted_trees(n_estimators=100, max_depth=2)
    pipeline = make_pipeline(union, FeatureScaler(), top).fit(task.texts_train, task.y_train)
    x = union.transform(task.texts_validation)
    predicted = pipeline[1:].predict(x)
    accuracy = float(np.mean(predicted == task.y_validation))
    confusion = confusion_matrix(task.y_validation, predicted, labels=range(task.classes))
    importances = _importances(pipeline[1:], x, task.y_validation, columns, accuracy)
    return TextModel(task, encoder, features, model, pipeline, accuracy, confusion, importances)


def _union(encoder, features):
    """The features side by side, and the columns of each of them."""
    statistics = {name: STATISTICS[name] for name in features if name != VECTOR}
    parts, columns, start = [], [], 0
    if VECTOR in features:
        parts.append(("vector", EncoderFeatures(encoder)))
        columns.append(np.arange(encoder.width))
        start = encoder.width
    if statistics:
        parts.append(("statistics", TextStatistics(statistics)))
        columns += [np.array([start + number]) for number in range(len(statistics))]
    return FeatureUnion(parts), columns


def _importances(model, x, y, columns_of_features, accuracy):
    """In points. scikit-learn's `permutation_importance` can't shuffle columns that belong together."""
    importances = np.zeros(len(columns_of_features))
    for number, columns in enumerate(columns_of_features):
        rng = np.random.default_rng(number)
        for _ in range(_SHUFFLES):
            shuffled = x.copy()
            shuffled[:, columns] = x[rng.permutation(len(x))][:, columns]
            importances[number] += 100 * (accuracy - np.mean(model.predict(shuffled) == y)) / _SHUFFLES
    return importances
