"""One model on chosen features of texts: what the panel of notebook 10 shows, without the panel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from utils.text.encoder import TextEncoder
from utils.text.features import EncoderFeatures, encode
from utils.text.statistics import STATISTICS, TextStatistics
from utils.text.texts import TextTask, clean
from utils.text.ways import trees

VECTOR = "encoder vector"
FEATURES = (VECTOR, *STATISTICS)
MODELS = "logistic regression", "XGBoost"
_SHUFFLES = 5


@dataclass(frozen=True, eq=False)
class TextModel:
    """A fitted pipeline, and what it does on the validation texts.

    confusion: counts of (true, said). importances: for each of `features`, the points of validation accuracy that are
    lost when its values are shuffled between the texts, mean of five shuffles; the vector is shuffled as a whole.
    """

    task: TextTask
    encoder: TextEncoder
    features: tuple[str, ...]
    model: str
    pipeline: object
    accuracy: float
    confusion: np.ndarray
    importances: np.ndarray

    def say(self, text: str) -> tuple[str, float]:
        """What the model says of a text, and the probability that it gives to that."""
        shares = self.pipeline.predict_proba([clean(text)])[0]
        return self.task.class_names[int(shares.argmax())], float(shares.max())

    def nearest(self, text: str, count: int = 3) -> list[tuple[str, str, float]]:
        """The training texts whose vectors point most nearly the same way: text, class, cosine from -1 to 1."""
        known = encode(self.encoder, self.task.texts_train)
        asked = self.encoder.vectors([clean(text)])[0]
        cosine = known @ asked / np.maximum(np.linalg.norm(known, axis=1) * np.linalg.norm(asked), 1e-9)
        return [
            (self.task.texts_train[i], self.task.class_names[self.task.y_train[i]], float(cosine[i]))
            for i in np.argsort(-cosine)[:count]
        ]


def fit_text_model(
    task: TextTask, encoder: TextEncoder, features: Sequence[str] = FEATURES, model: str = MODELS[0]
) -> TextModel:
    """Fit a model on these features of the training texts.

    features: of `FEATURES`; model: of `MODELS`. Raises ValueError for others, and for none at all.
    """
    if unknown := [name for name in features if name not in FEATURES]:
        raise ValueError(f"features: {unknown[0]!r} is not allowed: it must be one of {', '.join(FEATURES)}.")
    if not features:
        raise ValueError("features=() is not allowed: choose one at least.")
    if model not in MODELS:
        raise ValueError(f"model={model!r} is not allowed: it must be one of {', '.join(MODELS)}.")
    features = tuple(name for name in FEATURES if name in features)
    union, owners = _union(encoder, features)
    top = LogisticRegression(max_iter=2000) if model == MODELS[0] else trees(n_estimators=100, max_depth=2)
    pipeline = make_pipeline(union, StandardScaler(), top).fit(task.texts_train, task.y_train)
    x = union.transform(task.texts_validation)
    said = pipeline[1:].predict(x)
    accuracy = float(np.mean(said == task.y_validation))
    confusion = confusion_matrix(task.y_validation, said, labels=range(task.classes))
    importances = _importances(pipeline[1:], x, task.y_validation, owners, accuracy)
    return TextModel(task, encoder, features, model, pipeline, accuracy, confusion, importances)


def _union(encoder, features):
    """The features side by side, and for each of them its columns."""
    statistics = {name: STATISTICS[name] for name in features if name != VECTOR}
    parts, owners, start = [], [], 0
    if VECTOR in features:
        parts.append(("vector", EncoderFeatures(encoder)))
        owners.append(np.arange(encoder.width))
        start = encoder.width
    if statistics:
        parts.append(("statistics", TextStatistics(statistics)))
        owners += [np.array([start + number]) for number in range(len(statistics))]
    return FeatureUnion(parts), owners


def _importances(model, x, y, owners, accuracy):
    """Permutation importance (Breiman 2001), in points, for columns that belong together."""
    found = np.zeros(len(owners))
    for number, columns in enumerate(owners):
        chance = np.random.default_rng(number)
        for _ in range(_SHUFFLES):
            shuffled = x.copy()
            shuffled[:, columns] = x[chance.permutation(len(x))][:, columns]
            found[number] += 100 * (accuracy - np.mean(model.predict(shuffled) == y)) / _SHUFFLES
    return found
