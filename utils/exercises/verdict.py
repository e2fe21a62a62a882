"""What a check says, and by what it judges."""

from dataclasses import dataclass

from utils.training import Run


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and why."""

    right: bool
    why: str

    def __repr__(self):
        return f"{'✔ Right.' if self.right else '✘ Not yet.'} {self.why}"


def ended_run(answer) -> Verdict | None:
    """A verdict on what isn't an ended run at all; None where the answer is one."""
    if not isinstance(answer, Run):
        return Verdict(False, f"A run is due here, the result of run(Settings(...)), not {type(answer).__name__}.")
    if answer.status == "diverged" or answer.old_accuracy is None:
        return Verdict(False, answer.message or "This run hasn't ended yet: let it train to its end.")
    return None


def forgotten(run: Run) -> float:
    """Points of the old task lost from the first point of the curves to that of the result: on validation images."""
    curve = run.history["old_accuracy"]
    return 100 * (curve[0] - curve[run.result_point])


def learnt(run: Run) -> float:
    """The new task's accuracy at the point of the result, a fraction: on validation images."""
    return run.history["new_accuracy"][run.result_point]


def told(run: Run) -> str:
    """The result on the test images, for an answer that was chosen without them."""
    return (
        f"On the test images, which chose nothing: {run.forgetting:.1f} points forgotten, "
        f"new task {100 * run.new_accuracy:.1f} %."
    )
