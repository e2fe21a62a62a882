"""A linear probe: how well a linear layer can classify by the features."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LinearProbe:
    """A fitted linear probe.

    Attributes:
        validation: Validation accuracy, a fraction.
        test: Test accuracy, a fraction.
        strength: The inverse penalty C, chosen on validation data.
    """

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
        train: Features of shape (N, width) and labels of shape (N,).
        validation: The same; the penalty is chosen on these.
        test: The same; nothing is chosen on these.
        strengths: Values of C to choose from; a small one is a strong penalty.

    Returns:
        The probe with the highest validation accuracy; of equal ones, the one with the strongest penalty.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probes = []
    for strength in sorted(strengths):
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000)).fit(*train)
        probes.append(LinearProbe(float(probe.score(*validation)), float(probe.score(*test)), strength))
    return max(probes, key=lambda probe: probe.validation)
