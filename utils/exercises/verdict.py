"""What a check says."""

from typing import NamedTuple

from utils.training import Run


class Verdict(NamedTuple):
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
