"""The result of a check, and the measures that checks use."""

from dataclasses import dataclass

from utils.training import Run


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and why.

    Attributes:
        right: Whether it is right.
        why: The reason, in one or two sentences.
    """

    right: bool
    why: str

    def __repr__(self):
        return f"{'✔ Right.' if self.right else '✘ Not yet.'} {self.why}"


def check_ended(answer) -> Verdict | None:
    """A verdict on an answer that isn't a run that has ended; None where it is one."""
    if not isinstance(answer, Run):
        return Verdict(False, f"Expected a run, the result of run(Settings(...)), not {type(answer).__name__}.")
    if answer.status == "diverged" or answer.old_accuracy is None:
        return Verdict(False, answer.message or "This run hasn't ended yet: let it train to its end.")
    return None


def points_forgotten(run: Run) -> float:
    """Points of old-task accuracy lost, from the first point of the curves to the result, on validation images."""
    curve = run.history["old_accuracy"]
    return 100 * (curve[0] - curve[run.result_point])


def new_accuracy(run: Run) -> float:
    """The new task's accuracy at the result, a fraction, on validation images."""
    return run.history["new_accuracy"][run.result_point]


def test_results(run: Run) -> str:
    """A sentence about the result on the test images, on which an answer mustn't be chosen."""
    return (
        f"On the test images, on which nothing was chosen: {run.forgetting:.1f} points forgotten, "
        f"new task {run.new_accuracy:.1%}."
    )
