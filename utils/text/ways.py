"""What is fitted in each of the six ways to tell a text's sentiment, and the settings that each chooses from."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from utils.text.encoder import TextEncoder
from utils.text.features import encode, print_progress
from utils.text.texts import TextTask
from utils.text.tuning import EncoderTraining, HeadTraining

_TREES = {"n_estimators": (100, 300), "max_depth": (2, 4)}
_STRENGTH = {"C": (0.1, 1.0, 10.0, 100.0)}


@dataclass(frozen=True)
class Fitted:
    """A way, fitted: what it says, how many numbers it has learnt, and what of the old task is lost by it."""

    predict: Callable[[str], np.ndarray]  # "validation" or "test" → classes
    parameters: int
    forgetting: Callable[[], float] | None = None  # points


def trees(seed: int = 0, **choice):
    """An XGBoost classifier as in the comparison; choice: n_estimators and max_depth."""
    import xgboost  # not on every machine, and slow to import

    return xgboost.XGBClassifier(learning_rate=0.1, subsample=0.8, random_state=seed, n_jobs=2, **choice)


def old_head(encoder: TextEncoder, old: TextTask) -> tuple[np.ndarray, np.ndarray]:
    """The head of the old task: the encoder's own, or, where it came without, a probe on its frozen vectors."""
    if encoder.head is not None:
        return encoder.head
    probe = LogisticRegression(C=10, max_iter=2000)
    probe.fit(encode(encoder, old.texts_train, print_progress), old.y_train)
    return probe.coef_.T.astype(np.float32), probe.intercept_.astype(np.float32)


def _grid(**values):
    return [dict(zip(values, one, strict=True)) for one in itertools.product(*values.values())]


# The ways: what is fitted to the drawn texts, the choices, and the seconds that the features of a text take; a pair
# where training and prediction need others.


def _of_features(make, count, *names):
    def way(bench, drawn, choice, seed):
        x, _ = bench.features(*names)
        model = make(seed, **choice).fit(x["train"][drawn], bench.y["train"][drawn])
        return Fitted(lambda part: model.predict(x[part]), count(model))

    return way


def _nodes(model):
    return len(model.get_booster().trees_to_dataframe())


def _weights(model):
    return model.coef_.size + model.intercept_.size


def _logistic(seed, **choice):
    return LogisticRegression(max_iter=2000, **choice)


def _tf_idf(bench, drawn, choice, seed):
    words = TfidfVectorizer(ngram_range=(1, choice["ngrams"]), sublinear_tf=True)
    model = make_pipeline(words, _logistic(seed, C=choice["C"]))
    model.fit([bench.texts["train"][i] for i in drawn], bench.y["train"][drawn])
    return Fitted(lambda part: model.predict(bench.texts[part]), words.idf_.size + _weights(model[-1]))


def frozen_head(bench, drawn, choice, seed):
    kernel, bias = _train_head(bench, drawn, choice, seed)
    x, _ = bench.features("vectors")

    def forgetting():
        """Of the encoder as it is now: nothing has touched it."""
        return 100 * (_old_before(bench) - _old_accuracy(bench, bench.encoder.vectors(bench.old.texts_test)))

    return Fitted(lambda part: (x[part] @ kernel + bias).argmax(axis=1), kernel.size + bias.size, forgetting)


def _tuned(bench, drawn, choice, seed):
    """Probed first, then tuned (Kumar et al. 2022): the head begins as the one on the frozen encoder has ended."""
    head = _train_head(bench, drawn, bench.head_choice or _HEAD[0], seed)
    before = _old_before(bench)
    ids, _ = bench.ids()
    training = bench.kept("tuned", lambda: EncoderTraining(bench.encoder, bench.task.classes))
    training.fit(ids["train"][drawn], bench.y["train"][drawn], seed=seed, head=head, **choice)
    said = {}

    def predict(part):
        said.setdefault(part, training.predict(ids[part]))
        return said[part]

    def forgetting():
        old_ids = bench.kept("old ids", lambda: bench.encoder.ids(bench.old.texts_test))
        lost = 100 * (before - _old_accuracy(bench, training.vectors(old_ids)))
        training.restore()
        return lost

    return Fitted(predict, training.trained_parameters, forgetting)


def _train_head(bench, drawn, choice, seed):
    x, _ = bench.features("vectors")
    training = bench.kept("head", lambda: HeadTraining(bench.encoder.width, bench.task.classes))
    return training.fit(x["train"][drawn], bench.y["train"][drawn], seed=seed, **choice)


def _old_accuracy(bench, vectors):
    kernel, bias = bench.kept("old head", lambda: old_head(bench.encoder, bench.old))
    return float(np.mean((vectors @ kernel + bias).argmax(axis=1) == bench.old.y_test))


def _old_before(bench):
    return bench.kept("before", lambda: _old_accuracy(bench, encode(bench.encoder, bench.old.texts_test)))


_HEAD = _grid(rate=(1e-2, 1e-3), epochs=(30,))
WAYS = (
    lambda bench: (_of_features(trees, _nodes, "statistics"), _grid(**_TREES), bench.features("statistics")[1]),
    lambda bench: (_tf_idf, _grid(**_STRENGTH, ngrams=(1, 2)), 0.0),
    lambda bench: (_of_features(_logistic, _weights, "vectors"), _grid(**_STRENGTH), bench.features("vectors")[1]),
    lambda bench: (
        _of_features(trees, _nodes, "vectors", "statistics"),
        _grid(**_TREES),
        bench.features("vectors", "statistics")[1],
    ),
    lambda bench: (frozen_head, _HEAD, bench.features("vectors")[1]),
    # The head that it begins with needs the frozen vectors once.
    lambda bench: (
        _tuned,
        _grid(**bench.tuning),
        (bench.ids()[1] + bench.features("vectors")[1], bench.ids()[1]),
    ),
)
