"""The pipelines that notebook 10 compares: what each fits, the grid that it chooses from, and the features it needs.

To add one, add a `Pipeline` to `PIPELINES`, or hand it to `compare`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from utils.measures.scaling import FeatureScaler
from utils.text.classifiers import (
    Head,
    boosted_trees,
    count_nodes,
    count_weights,
    logistic_regression,
    standardized_regression,
)
from utils.text.encoder import BATCH
from utils.text.experiment import Experiment
from utils.text.stopping import Stop

# Each grid is so wide that its ends aren't chosen (a test holds it), but for those beyond which there is nothing: a
# tree asks at least one question, and a group of words has at least one. How many trees, and how many epochs, the
# validation texts decide: training ends when they are no longer predicted better.
_TREES = {"max_depth": (1, 2, 3, 4, 6, 8, 12)}
_STRENGTH = {"C": (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3)}
_WORDS = {"C": (0.1, 1.0, 10.0, 100.0, 1e3, 1e4), "ngrams": (1, 2, 3)}
_HEAD = {"rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)}
TUNING = {"rate": (3e-5, 1e-4, 3e-4, 1e-3, 3e-3)}
_MOST_TREES, _MOST_EPOCHS = 2000, 150
_HEAD_EPOCHS, _TREES_PATIENCE, _UPDATES_PATIENCE = 300, 30, 250


@dataclass(frozen=True)
class Fitted:
    """A fitted pipeline.

    Attributes:
        model: Anything whose `predict` gives the class of each input, of shape (N,), and whose `predict_proba` gives
            the probabilities of the classes, of shape (N, classes).
        inputs: part ("train", "validation", "test") → the model's inputs.
        trained_parameters: The numbers that were learned; for trees, their nodes.
    """

    model: object
    inputs: Mapping[str, object]
    trained_parameters: int

    def predict(self, part: str) -> np.ndarray:
        """The predicted class of each text of a part, (N,)."""
        return self.model.predict(self.inputs[part])

    def probabilities(self, part: str) -> np.ndarray:
        """The probability of each class, for each text of a part, (N, classes)."""
        return self.model.predict_proba(self.inputs[part])


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


@dataclass(frozen=True, eq=False)
class FeaturesIntoClassifier(Pipeline):
    """Features side by side, and a classifier on them: the second meaning of feature extraction.

    Attributes:
        classifier: From a seed and a choice to an unfitted classifier, such as `logistic_regression`.
        count: From a fitted classifier to the count of the numbers that it learned, such as `count_weights`.
    """

    classifier: Callable = field(kw_only=True)
    count: Callable = field(kw_only=True)

    def fit(self, experiment, drawn, seed, **choice):
        inputs = experiment.side_by_side(self.features)
        model = self.classifier(seed, **choice).fit(inputs["train"][drawn], experiment.labels["train"][drawn])
        return Fitted(model, inputs, self.count(model))


@dataclass(frozen=True, eq=False)
class FeaturesIntoTrees(Pipeline):
    """Features side by side, and boosted trees on them, as many as help to predict the validation texts."""

    def fit(self, experiment, drawn, seed, **choice):
        inputs = experiment.side_by_side(self.features)
        trees = boosted_trees(seed, n_estimators=_MOST_TREES, early_stopping_rounds=_TREES_PATIENCE, **choice)
        validation = inputs["validation"], experiment.labels["validation"]
        trees.fit(inputs["train"][drawn], experiment.labels["train"][drawn], eval_set=[validation], verbose=False)
        return Fitted(trees, inputs, count_nodes(trees))


@dataclass(frozen=True, eq=False)
class WordsIntoClassifier(Pipeline):
    """TF-IDF of words and word pairs, and logistic regression: the baseline without an encoder."""

    def fit(self, experiment, drawn, seed, *, ngrams, **choice):
        words = TfidfVectorizer(ngram_range=(1, ngrams), sublinear_tf=True)
        model = make_pipeline(words, logistic_regression(seed, **choice))
        model.fit([experiment.texts["train"][i] for i in drawn], experiment.labels["train"][drawn])
        return Fitted(model, experiment.texts, words.idf_.size + count_weights(model))


def _stop(inputs, experiment, drawn):
    """Stop after this many updates without progress, whatever the length of an epoch."""
    return Stop(inputs, experiment.labels["validation"], patience=math.ceil(_UPDATES_PATIENCE * BATCH / len(drawn)))


@dataclass(frozen=True, eq=False)
class NewHead(Pipeline):
    """A new head on fixed features; on the frozen encoder's vectors it is the first meaning of feature extraction."""

    def fit(self, experiment, drawn, seed, **choice):
        inputs = experiment.side_by_side(self.features)
        scaler = FeatureScaler().fit(inputs["train"][drawn])
        x = {part: scaler.transform(inputs[part]).astype(np.float32) for part in ("train", "validation")}
        kernel, bias = experiment.head_training(self.features).fit(
            x["train"][drawn],
            experiment.labels["train"][drawn],
            epochs=_HEAD_EPOCHS,
            seed=seed,
            stop=_stop(x["validation"], experiment, drawn),
            **choice,
        )
        kernel = (kernel / scaler.scale_[:, None]).astype(np.float32)  # so that it takes the features as they are
        head = Head(kernel, (bias - scaler.mean_ @ kernel).astype(np.float32))
        return Fitted(head, inputs, kernel.size + bias.size)


@dataclass(frozen=True, eq=False)
class FineTuning(Pipeline):
    """Linear probing, then fine-tuning (Kumar et al., ICLR 2022): it starts with the head of the frozen encoder.

    Attributes:
        probe: The pipeline that trains this head, with a choice of its own: the same whether or not its row is asked
            for.
        epochs: The most passes over the texts.
    """

    features: tuple[str, ...] = ("ids",)
    keeps_old_task: bool = True
    probe: NewHead = field(kw_only=True)
    epochs: int = field(default=_MOST_EPOCHS, kw_only=True)

    def fit(self, experiment, drawn, seed, **choice):
        head = self.probe.fit(experiment, drawn, seed, **experiment.choice(self.probe)).model
        inputs, training = experiment.side_by_side(self.features), experiment.encoder_training
        training.fit(
            inputs["train"][drawn],
            experiment.labels["train"][drawn],
            epochs=self.epochs,
            seed=seed,
            head=(head.kernel, head.bias),
            stop=_stop(inputs["validation"], experiment, drawn),
            **choice,
        )
        return Fitted(training, inputs, training.trained_parameters)

    def train_seconds_per_text(self, experiment):
        """The probe needs the frozen vectors, once."""
        return super().train_seconds_per_text(experiment) + self.probe.train_seconds_per_text(experiment)


FEATURE_SETS = {"vector": ("vectors",), "statistics": ("statistics",), "vector + statistics": ("vectors", "statistics")}


def _on(name, features):
    """The three models on the same features."""
    regression = {"grid": _STRENGTH, "classifier": standardized_regression, "count": count_weights}
    return (
        FeaturesIntoClassifier(f"{name} → logistic regression", features=features, **regression),
        FeaturesIntoTrees(f"{name} → XGBoost", _TREES, features),
        NewHead(f"{name} → new head", _HEAD, features, keeps_old_task="vectors" in features),
    )


_BASELINE = WordsIntoClassifier("TF-IDF → logistic regression", _WORDS)
_ON_FEATURES = {pipeline.name: pipeline for name, features in FEATURE_SETS.items() for pipeline in _on(name, features)}
_TUNED = FineTuning("encoder fine-tuned", TUNING, probe=_ON_FEATURES["vector → new head"])
PIPELINES: dict[str, Pipeline] = {_BASELINE.name: _BASELINE, **_ON_FEATURES, _TUNED.name: _TUNED}
