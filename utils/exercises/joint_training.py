"""The checks of notebook 06."""

from utils.exercises.verdict import Verdict, check_ended, new_accuracy, points_forgotten, test_results
from utils.strategies import Settings
from utils.training import Run

MOST_FORGETTING, UPDATES = 10, 100


def check_memory(enough: Run, too_few: Run) -> Verdict:
    """Check exercise 1: how small a memory may be with which joint training forgets at most 10 points.

    Args:
        enough: A run that forgets at most 10 points, on validation images.
        too_few: One that forgets more, with at least half as many old images.
    """
    for answer in (enough, too_few):
        if wrong := _joint_run(answer, free="old_images"):
            return wrong
        if answer.settings.old_images is None:
            return Verdict(False, "With old_images=None all of them are used: give a number.")
    lost = {answer.settings.old_images: points_forgotten(answer) for answer in (enough, too_few)}
    numbers = "; ".join(f"{count} old images: {points:.1f} points forgotten" for count, points in lost.items())
    more, fewer = enough.settings.old_images, too_few.settings.old_images
    if lost[fewer] <= MOST_FORGETTING < lost[more]:
        return Verdict(False, f"{numbers} (validation images). The first run must forget less: swap them.")
    if lost[more] > MOST_FORGETTING:
        limit = f"at most {MOST_FORGETTING} points may be forgotten"
        return Verdict(False, f"{numbers} (validation images). {more} aren't enough: {limit}.")
    if lost[fewer] <= MOST_FORGETTING:
        return Verdict(False, f"{numbers} (validation images). {fewer} are enough, too: how far down can you go?")
    if fewer > more:
        return Verdict(False, f"{numbers} (validation images). More images were worse here: try numbers further apart.")
    if more > 2 * fewer:
        return Verdict(False, f"{numbers} (validation images). The answer lies somewhere between: close in on it.")
    return Verdict(
        True, f"{numbers} (validation images). With another seed the limit lies elsewhere. {test_results(enough)}"
    )


def check_frozen_joint(answer: Run, the_old_task: str) -> Verdict:
    """Check exercise 2: both heads trained jointly on a frozen backbone, and what happens to the old task.

    Args:
        answer: The run.
        the_old_task: "stays bit for bit", "may change a little" or "is lost".
    """
    if wrong := _joint_run(answer, free="trained_layers"):
        return wrong
    if answer.settings.layers != ("old_head", "new_head"):
        trains = ", ".join(answer.settings.layers)
        return Verdict(False, f'This run trains {trains}. Give trained_layers=["old_head", "new_head"].')
    lost = points_forgotten(answer)
    numbers = f"{lost:+.1f} points forgotten on validation images, new task {new_accuracy(answer):.1%}"
    said = the_old_task.strip().lower() if isinstance(the_old_task, str) else None
    if said not in ("stays bit for bit", "may change a little", "is lost"):
        return Verdict(False, 'Say "stays bit for bit", "may change a little" or "is lost".')
    if said == "stays bit for bit":
        return Verdict(False, "The backbone stays bit for bit. What about the head that reads the digits from it?")
    if said == "is lost":
        return Verdict(False, f"{numbers}: it isn't lost. What is the old head practicing here?")
    return Verdict(True, f"The features stay, but the old head keeps learning: {numbers}. {test_results(answer)}")


def _joint_run(answer, free):
    """A verdict on a run that isn't joint training as in the notebook, except for one free setting; else None."""
    if wrong := check_ended(answer):
        return wrong
    if answer.settings.strategy != "joint training":
        return Verdict(False, f'The strategy is {answer.settings.strategy!r}; expected "joint training".')
    expected = Settings(strategy="joint training", updates=UPDATES).replace(
        **{free: getattr(answer.settings, free)}, evaluate_every=answer.settings.evaluate_every
    )
    if answer.settings != expected or answer.events:
        return Verdict(False, f"Leave all settings but {free} as they are in the notebook ({UPDATES} updates, seed 0).")
    if answer.status != "finished":
        return Verdict(False, "The run was stopped early. Let it make all of its updates.")
    return None
