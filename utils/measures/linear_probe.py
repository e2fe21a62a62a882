"""What features hold, as far as one linear layer can tell: a linear probe, fitted to the end."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LinearProbe:
    """validation, test: accuracies as fractions. strength: the inverse penalty C that did best on validation data."""

    validation: float
    test: float
    strength: float


def linear_probe(
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    strengths: Iterable[float] = (0.01, 0.1, 1.0, 10.0),
) -> LinearProbe:
    """Logistic regression on standardised features (scikit-learn), as Alain & Bengio 2016 probe a network.

    Args:
        train: features of shape (N, width) and labels of shape (N,).
        validation: the same; the penalty is chosen on these.
        test: the same; they choose nothing.
        strengths: values of C to choose from; a small one is a strong penalty.

    Returns:
        The probe with the highest validation accuracy; of equal ones, the one with the strongest penalty.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found = []
    for strength in sorted(strengths):
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000)).fit(*train)
        found.append(LinearProbe(float(probe.score(*validation)), float(probe.score(*test)), strength))
    return max(found, key=lambda probe: probe.validation)
