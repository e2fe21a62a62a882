"""The terms of the loss against sums worked out by hand, on arrays small enough to follow."""

import numpy as np
import pytest
import tensorflow as tf

from utils.strategies.losses import LOSSES, cross_entropy, distillation, feature_distance, weight_distance

LOGITS = np.array([[2.0, 0.5, -1.0], [0.0, 3.0, 1.0]])
RECORDED = np.array([[1.0, 1.5, -2.0], [0.5, 2.0, 2.5]])


def softmax(z):
    powers = np.exp(z)
    return powers / powers.sum(axis=1, keepdims=True)


def paper(logits, recorded, t):
    """Equations 3 and 4 of the paper as they are printed: powers of probabilities, then a cross-entropy."""
    wanted, predicted = softmax(recorded) ** (1 / t), softmax(logits) ** (1 / t)
    wanted, predicted = (values / values.sum(axis=1, keepdims=True) for values in (wanted, predicted))
    return float(np.mean(-np.sum(wanted * np.log(predicted), axis=1)))


@pytest.mark.parametrize("t", [0.5, 1, 2, 5])
def test_distillation_is_the_papers(t):
    assert float(distillation(LOGITS, RECORDED, t)) == pytest.approx(paper(LOGITS, RECORDED, t), rel=1e-12)


def test_distillation_has_no_factor_t_squared():
    """y' = (3/4, 1/4) at T = 2, and ŷ' = (1/2, 1/2): the cross-entropy is log 2, not 4 log 2."""
    found = distillation(np.zeros((1, 2)), np.array([[2 * np.log(3), 0]]), 2.0)
    assert float(found) == pytest.approx(np.log(2), rel=1e-12)


def test_distillation_has_the_gradient_of_the_divergence():
    """KL(y' || ŷ') differs from it by the entropy of y', which no weight changes; by hand it's (ŷ' - y') / (T N)."""
    logits = tf.Variable(LOGITS)
    with tf.GradientTape(persistent=True) as tape:
        ours = distillation(logits, RECORDED, 2.0)
        wanted = tf.nn.softmax(RECORDED / 2)
        divergence = tf.reduce_mean(tf.reduce_sum(wanted * tf.math.log(wanted / tf.nn.softmax(logits / 2)), axis=1))
    by_hand = (softmax(LOGITS / 2) - softmax(RECORDED / 2)) / (2 * len(LOGITS))
    for found in (tape.gradient(ours, logits), tape.gradient(divergence, logits)):
        np.testing.assert_allclose(found, by_hand, rtol=1e-12, atol=1e-15)
    assert float(ours) > float(divergence) > 0


def test_the_gradient_of_the_distillation_shrinks_with_t_squared():
    """For a large T, as notebook 07 says: at twice the T it's a quarter."""
    logits, gradients = tf.Variable(LOGITS), {}
    for t in (500.0, 1000.0):
        with tf.GradientTape() as tape:
            loss = distillation(logits, RECORDED, t)
        gradients[t] = tape.gradient(loss, logits).numpy()
    np.testing.assert_allclose(gradients[500.0], 4 * gradients[1000.0], rtol=0.01)


def test_distillation_is_least_where_nothing_has_changed():
    logits = tf.Variable(RECORDED)
    with tf.GradientTape() as tape:
        least = distillation(logits, RECORDED, 2.0)
    np.testing.assert_allclose(tape.gradient(least, logits), 0, atol=1e-16)
    assert float(least) < float(distillation(LOGITS, RECORDED, 2.0))


def test_distillation_stays_a_number_where_a_power_of_a_probability_would_not():
    sure = np.array([[200.0, 0.0, -200.0]], "float32")
    found = distillation(tf.constant(sure), tf.constant(-sure), 0.5)
    assert float(found) == pytest.approx(800, rel=1e-6)


def test_cross_entropy_is_the_mean_of_minus_log_softmax():
    by_hand = -np.log(softmax(LOGITS)[[0, 1], [2, 1]]).mean()
    assert float(cross_entropy(LOGITS, np.array([2, 1]))) == pytest.approx(by_hand, rel=1e-12)


def test_distances_are_half_the_squares():
    assert float(feature_distance(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [3.0, 1.0]]))) == 3.75
    now, then = [np.array([1.0, 2.0]), np.array([[3.0]])], [np.array([0.0, 0.0]), np.array([[1.0]])]
    assert float(weight_distance(now, then)) == 4.5
    assert float(weight_distance([], [])) == 0


def test_a_term_reaches_one_head_and_protects_or_teaches():
    reached = {name: (term.head, term.protects, term.old_images) for name, term in LOSSES.items()}
    assert reached == {
        "new task": ("new_head", False, None),
        "old task": ("old_head", True, "in each update"),
        "distillation": ("old_head", True, None),
        "features": (None, True, None),
        "weights": (None, True, None),
    }
