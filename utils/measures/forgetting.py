"""What learning one task did to the others, from the accuracy matrix R.

R[i][j] is the test accuracy on task j after training on the tasks up to i, both counted from 0, in one order.
With two tasks it is [[old before, new before], [old after, new after]]. Each function checks the entries that
it uses; the others may be NaN (never measured).

Units: an accuracy is a fraction from 0 to 1, a difference of accuracies is in percentage points.

Sources: Lopez-Paz and Ranzato 2017, "Gradient Episodic Memory for Continual Learning" (arXiv:1706.08840);
Chaudhry et al. 2018, "Riemannian Walk for Incremental Learning" (arXiv:1801.10112).
"""

import numpy as np

from utils.checks import check_array, check_number


def average_accuracy(accuracies) -> float:
    """Mean accuracy on all tasks after the last one, a fraction: ACC of Lopez-Paz and Ranzato 2017.

    Args:
        accuracies: R, (tasks, tasks).

    Raises:
        ValueError: Where R isn't square, or an entry that is used isn't from 0 to 1.
    """
    r = _square(accuracies)
    return float(_fractions("accuracies", r[-1]).mean())


def forgetting(accuracies) -> float:
    """How much accuracy on the old tasks is lost after the last one, in percentage points; positive is worse.

    Chaudhry et al. 2018: for each old task its best accuracy after any *earlier* training minus its accuracy
    now, and the mean of that over the old tasks. The present isn't part of the best, so a task that has
    gained counts as negative. With two tasks it is before minus after.

    Libraries define it in five ways. This is Chaudhry's, as in Continuum. In Avalanche it is the first
    accuracy, not the best, minus the present; in FACIL the best minus the present; in Mammoth the best
    includes the present, so that it's never negative; in PEFT it is the loss after minus before.

    Args:
        accuracies: R, (tasks, tasks), of two tasks or more.

    Raises:
        ValueError: As `average_accuracy` does.
    """
    r = _square(accuracies)
    old = _fractions("accuracies", r[:, :-1])
    return float(100 * (old[:-1].max(axis=0) - old[-1]).mean())


def backward_transfer(accuracies) -> float:
    """What later training did to the old tasks, in percentage points; negative is forgetting.

    BWT of Lopez-Paz and Ranzato 2017: accuracy after the last task minus accuracy right after the task's own
    training, and the mean of that over the old tasks. With two tasks it is minus `forgetting`.

    Args:
        accuracies: R, (tasks, tasks), of two tasks or more.

    Raises:
        ValueError: As `average_accuracy` does.
    """
    r = _square(accuracies)
    learned, now = np.diagonal(r)[:-1], r[-1, :-1]
    return float(100 * (_fractions("accuracies", now) - _fractions("accuracies", learned)).mean())


def forward_transfer(accuracies, untrained) -> float:
    """How much the earlier tasks help one that isn't trained yet, in percentage points; positive is better.

    FWT of Lopez-Paz and Ranzato 2017: accuracy right before the task's own training minus that of a network
    with random weights, and the mean of that over all tasks but the first.

    Args:
        accuracies: R, (tasks, tasks), of two tasks or more.
        untrained: Accuracies of the network with random weights, fractions, (tasks,); the first isn't used.

    Raises:
        ValueError: As `average_accuracy` does.
    """
    r = _square(accuracies)
    untrained = check_array("untrained", untrained, 1, as_type=float)
    if untrained.shape != (len(r),):
        raise ValueError(f"untrained has shape {untrained.shape}, which is not allowed: give ({len(r)},).")
    before = np.diagonal(r, offset=1)
    return float(100 * (_fractions("accuracies", before) - _fractions("untrained", untrained[1:])).mean())


def intransigence(reference, reached) -> float:
    """How much of a new task couldn't be learned, in percentage points; positive is worse.

    Chaudhry et al. 2018: the accuracy on the new task of a reference trained on all tasks jointly, minus the
    accuracy that was reached.

    Args:
        reference: The reference's accuracy, a fraction.
        reached: The accuracy that was reached, a fraction.

    Raises:
        ValueError: Where one isn't from 0 to 1.
    """
    wanted = "it must be a fraction from 0 to 1"
    return 100 * (check_number("reference", reference, 0, 1, wanted) - check_number("reached", reached, 0, 1, wanted))


def _square(accuracies) -> np.ndarray:
    r = check_array("accuracies", accuracies, 2, as_type=float, wanted="give accuracies (tasks, tasks)")
    if r.shape[0] != r.shape[1] or len(r) < 2:
        raise ValueError(f"accuracies has shape {r.shape}, which is not allowed: give (tasks, tasks).")
    return r


def _fractions(field, values) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    # Written so that NaN, which compares as false with everything, is refused too.
    invalid = values[~((values >= 0) & (values <= 1))]
    if invalid.size:
        raise ValueError(f"{field} holds {invalid.flat[0]}, which is not allowed: accuracies go from 0 to 1.")
    return values
