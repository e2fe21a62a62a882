"""Tasks in which one class outnumbers the others, where an accuracy alone says little."""

import numpy as np

from utils.checks import check_array

UNEVEN = 0.6  # that is so above this share of one class


def largest_class(labels: np.ndarray) -> tuple[int, float]:
    """The most frequent of the labels (N,), and its share: what always giving that answer would be right for."""
    values, counts = np.unique(check_array("labels", labels, 1, kinds="iu"), return_counts=True)
    return int(values[counts.argmax()]), float(counts.max() / counts.sum())


def balanced_accuracy(labels: np.ndarray, correct: np.ndarray) -> float:
    """The mean share of a class that is classified correctly, over the classes in `labels` (Brodersen et al. 2010).

    Always giving the same answer is right for 1 / classes by this measure, however frequent that class is.

    Args:
        labels: The true classes, (N,).
        correct: Whether each is classified correctly, (N,).
    """
    labels = check_array("labels", labels, 1, kinds="iu")
    correct = check_array("correct", correct, 1, kinds="b")
    if len(correct) != len(labels):
        raise ValueError(f"labels have the shape {labels.shape}, and correct {correct.shape}: give one to each.")
    return float(np.mean([np.mean(correct[labels == label]) for label in np.unique(labels)]))
