"""The pipelines that notebook 10 compares: what each fits, the grid that it chooses from, and the features it needs.

To add one, add a `Pipeline` to `PIPELINES`, or hand it to `compare`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from utils.text.experiment import Experiment

_TREES = {"n_estimators": (100, 300), "max_depth": (2, 4)}
_STRENGTH = {"C": (0.1, 1.0, 10.0, 100.0)}
_HEAD = {"rate": (1e-2, 1e-3), "epochs": (30,)}
TUNING = {"rate": (3e-3, 1e-3, 3e-4), "epochs": (4, 12, 25)}  # for the small encoder


@dataclass(frozen=True)
class Fitted:
    """A fitted pipeline.

    Attributes:
        model: Anything whose `predict` gives the class of each input, of shape (N,).
        inputs: part ("train", "validation", "test") → the model's inputs.
        trained_parameters: The numbers that were learnt; for trees, their nodes.
    """

    model: object
    inputs: Mapping[str, object]
    trained_parameters: int

    def predict(self, part: str) -> np.ndarray:
        """The predicted class of each text of a part, (N,)."""
        return self.model.predict(self.inputs[part])


@dataclass(frozen=True, eq=False)
class Pipeline(ABC):
    """One way from a text to a class.

    Attributes:
        name: Its row in the comparison.
        grid: setting → the values that are tried, all combinations, on the validation texts.
        features: The features of `Experiment` that its model reads: "statistics", "vectors", "ids".
        keeps_old_task: Whether the old task's head still fits on its encoder, so that forgetting can be measured.
    """

    name: str
    grid: Mapping[str, tuple]
    features: tuple[str, ...] = ()
    keeps_old_task: bool = False

    @abstractmethod
    def fit(self, experiment: Experiment, drawn: np.ndarray, seed: int, **choice) -> Fitted:
        """Fit on the drawn training texts.

        Args:
            experiment: Texts, features and networks.
            drawn: Positions of the training texts, (N,).
            seed: Fixes whatever else is random.
            choice: A value for each setting of the grid.
        """

    def train_seconds_per_text(self, experiment: Experiment) -> float:
        """Time to compute what training needs of a text."""
        return experiment.seconds_per_text(self.features)

    def predict_seconds_per_text(self, experiment: Experiment) -> float:
        """Time to compute what prediction needs of a text."""
        return experiment.seconds_per_text(self.features)


def boosted_trees(seed: int = 0, **choice):
    """An XGBoost classifier (Chen and Guestrin, KDD 2016); choice: `n_estimators` and `max_depth`."""
    import xgboost  # not on every machine, and slow to import

    return xgboost.XGBClassifier(learning_rate=0.1, subsample=0.8, random_state=seed, n_jobs=2, **choice)


def logistic_regression(seed: int = 0, **choice) -> LogisticRegression:
    """A logistic regression; choice: `C`, the inverse of its penalty. Nothing in it is random."""
    return LogisticRegression(max_iter=2000, **choice)


def count_nodes(trees) -> int:
    """The number of nodes in fitted `boosted_trees`."""
    return len(trees.get_booster().trees_to_dataframe())


def count_weights(classifier) -> int:
    """The number of weights and biases of a fitted linear classifier of scikit-learn."""
    return classifier.coef_.size + classifier.intercept_.size


@dataclass(frozen=True, eq=False)
class FeaturesIntoClassifier(Pipeline):
    """Features side by side, and a classifier on them: the second meaning of feature extraction.

    Attributes:
        classifier: From a seed and a choice to an unfitted classifier, such as `boosted_trees`.
        count: From a fitted classifier to the count of the numbers that it learnt, such as `count_nodes`.
    """

    classifier: Callable = field(kw_only=True)
    count: Callable = field(kw_only=True)

    def fit(self, experiment, drawn, seed, **choice):
        inputs = experiment.side_by_side(self.features)
        model = self.classifier(seed, **choice).fit(inputs["train"][drawn], experiment.labels["train"][drawn])
        return Fitted(model, inputs, self.count(model))


@dataclass(frozen=True, eq=False)
class WordsIntoClassifier(Pipeline):
    """TF-IDF of words and word pairs, and logistic regression: the baseline without an encoder."""

    def fit(self, experiment, drawn, seed, *, ngrams, **choice):
        words = TfidfVectorizer(ngram_range=(1, ngrams), sublinear_tf=True)
        model = make_pipeline(words, logistic_regression(seed, **choice))
        model.fit([experiment.texts["train"][i] for i in drawn], experiment.labels["train"][drawn])
        return Fitted(model, experiment.texts, words.idf_.size + count_weights(model[-1]))


@dataclass(frozen=True)
class Head:
    """A linear layer: `kernel` (width, classes) and `bias` (classes,)."""

    kernel: np.ndarray
    bias: np.ndarray

    def predict(self, vectors: np.ndarray) -> np.ndarray:
        """The class of each vector: (N,) from (N, width)."""
        return (vectors @ self.kernel + self.bias).argmax(axis=1)


@dataclass(frozen=True, eq=False)
class FrozenEncoder(Pipeline):
    """A new head on the frozen encoder, in one network: the first meaning of feature extraction."""

    features: tuple[str, ...] = ("vectors",)
    keeps_old_task: bool = True

    def fit(self, experiment, drawn, seed, **choice):
        inputs = experiment.side_by_side(self.features)
        labels = experiment.labels["train"][drawn]
        head = Head(*experiment.head_training.fit(inputs["train"][drawn], labels, seed=seed, **choice))
        return Fitted(head, inputs, head.kernel.size + head.bias.size)


@dataclass(frozen=True, eq=False)
class FineTuning(Pipeline):
    """Linear probing, then fine-tuning (Kumar et al., ICLR 2022): it starts with the head of the frozen encoder.

    Attributes:
        probe: The pipeline that trains this head, with a choice of its own: the same whether or not its row is asked
            for.
    """

    features: tuple[str, ...] = ("ids",)
    keeps_old_task: bool = True
    probe: FrozenEncoder = field(kw_only=True)

    def fit(self, experiment, drawn, seed, **choice):
        head = self.probe.fit(experiment, drawn, seed, **experiment.choice(self.probe)).model
        inputs, training = experiment.side_by_side(self.features), experiment.encoder_training
        labels = experiment.labels["train"][drawn]
        training.fit(inputs["train"][drawn], labels, seed=seed, head=(head.kernel, head.bias), **choice)
        return Fitted(training, inputs, training.trained_parameters)

    def train_seconds_per_text(self, experiment):
        """The probe needs the frozen vectors, once."""
        return super().train_seconds_per_text(experiment) + self.probe.train_seconds_per_text(experiment)


_INTO_TREES = {"grid": _TREES, "classifier": boosted_trees, "count": count_nodes}
_INTO_LINEAR = {"grid": _STRENGTH, "classifier": logistic_regression, "count": count_weights}
_PROBE = FrozenEncoder("frozen encoder + new head", _HEAD)
PIPELINES: dict[str, Pipeline] = {
    pipeline.name: pipeline
    for pipeline in (
        FeaturesIntoClassifier("statistics → XGBoost", features=("statistics",), **_INTO_TREES),
        WordsIntoClassifier("TF-IDF → logistic regression", _STRENGTH | {"ngrams": (1, 2)}),
        FeaturesIntoClassifier("frozen vector → logistic regression", features=("vectors",), **_INTO_LINEAR),
        FeaturesIntoClassifier(
            "frozen vector + statistics → XGBoost", features=("vectors", "statistics"), **_INTO_TREES
        ),
        _PROBE,
        FineTuning("encoder fine-tuned", TUNING, probe=_PROBE),
    )
}
