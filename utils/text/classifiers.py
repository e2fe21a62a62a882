"""The models that stand on features of texts, and how many numbers each of them learns."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline as Steps
from sklearn.pipeline import make_pipeline

from utils.measures import softmax
from utils.measures.scaling import FeatureScaler


def boosted_trees(seed: int = 0, **choice):
    """An XGBoost classifier (Chen and Guestrin, KDD 2016); choice: what it takes, such as `max_depth`."""
    import xgboost  # not on every machine, and slow to import

    return xgboost.XGBClassifier(learning_rate=0.1, subsample=0.8, random_state=seed, n_jobs=1, **choice)


def logistic_regression(seed: int = 0, **choice) -> LogisticRegression:
    """A logistic regression; choice: `C`, the inverse of its penalty. Nothing in it is random."""
    return LogisticRegression(max_iter=5000, **choice)


def standardized_regression(seed: int = 0, **choice):
    """The same, on columns of mean 0 and standard deviation 1: its penalty is for all of them alike."""
    return make_pipeline(FeatureScaler(), logistic_regression(seed, **choice))


def count_nodes(trees) -> int:
    """The number of nodes in fitted `boosted_trees`, without those that early stopping leaves out."""
    booster = trees.get_booster()
    used = booster if trees.early_stopping_rounds is None else booster[: trees.best_iteration + 1]
    return len(used.trees_to_dataframe())


def count_weights(classifier) -> int:
    """The number of weights and biases of a fitted linear classifier of scikit-learn, or of a pipeline's last step."""
    linear = classifier[-1] if isinstance(classifier, Steps) else classifier
    return linear.coef_.size + linear.intercept_.size


@dataclass(frozen=True)
class Head:
    """A linear layer: `kernel` (width, classes) and `bias` (classes,)."""

    kernel: np.ndarray
    bias: np.ndarray

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """The class of each row: (N,) from (N, width)."""
        return self.predict_proba(inputs).argmax(axis=1)

    def predict_proba(self, inputs: np.ndarray) -> np.ndarray:
        """The probability of each class: (N, classes) from (N, width)."""
        return softmax(inputs @ self.kernel + self.bias)
