"""A linear probe: how well a linear layer can classify by the features."""

import numbers
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from utils.checks import check_array, check_list, check_number
from utils.messages import refusal


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
    """Logistic regression on standardized features (scikit-learn), as Alain & Bengio 2016 probe a network.

    Where there are more features than training images, they are rotated to as many as there are images: the fit and its
    penalty are the same, and take a fraction of the time.

    Args:
        train: Features of shape (N, width) and labels of shape (N,).
        validation: The same; the penalty is chosen on these.
        test: The same; nothing is chosen on these.
        strengths: Values of C to choose from; a small one is a strong penalty.

    Returns:
        The probe with the highest validation accuracy; of equal ones, the one with the strongest penalty.

    Raises:
        ValueError: For features that aren't finite numbers (N, width), other labels, and training labels of one class.
    """
    from sklearn.linear_model import LogisticRegression

    from utils.measures.scaling import FeatureScaler

    parts = {"train": train, "validation": validation, "test": test}
    parts = [_examples(name, part) for name, part in parts.items()]
    scaler = FeatureScaler().fit(parts[0][0])
    train, validation, test = _rotated([(scaler.transform(x), y) for x, y in parts])
    probes, wanted = [], "give numbers above 0"
    for strength in sorted(check_list("strengths", strengths, numbers.Real, wanted, 1)):
        check_number("strengths", strength, np.nextafter(0, 1), wanted=wanted)
        probe = LogisticRegression(C=strength, max_iter=2000).fit(*train)
        probes.append(LinearProbe(float(probe.score(*validation)), float(probe.score(*test)), strength))
    return max(probes, key=lambda probe: probe.validation)


def _rotated(parts):
    """The parts with their features along the training images' own axes, where these are fewer than the features.

    A penalised fit has no weight across those axes, so nothing is lost.
    """
    images, width = parts[0][0].shape
    if width <= images:
        return parts
    axes = np.linalg.qr(parts[0][0].T)[0]
    return [(x @ axes, y) for x, y in parts]


def _examples(name, part):
    """Features and labels of a part as arrays; of the training part, labels of two classes or more."""
    wanted = "give features (N, width) and labels (N,), such as (x, y)"
    if not isinstance(part, tuple | list) or len(part) != 2:
        raise ValueError(refusal(name, part, wanted))
    x, y = check_array(name, part[0], 2, wanted=wanted), check_array(f"{name}: labels", part[1], 1, kinds="iubU")
    if len(x) != len(y) or not np.isfinite(x).all():
        raise ValueError(f"{name} has features {x.shape}, labels {y.shape}: give finite features, and a label to each.")
    if name == "train" and len(np.unique(y)) < 2:
        raise ValueError(f"{name} has labels of one class, {y[0]}: two or more are needed.")
    return x, y
