"""The checks of notebook 06."""

from utils.exercises.verdict import Verdict, check_ended, new_accuracy, points_forgotten, test_results
from utils.strategies import Settings
from utils.training import Run

MOST_FORGETTING, UPDATES = 10, 200
_TOO_MANY = 100  # old images: more than are needed here


def check_memory(answer: Run) -> Verdict:
    """Check exercise 1: a small memory with which joint training forgets at most 10 points, on validation images."""
    if wrong := _joint_run(answer, free="old_images"):
        return wrong
    count = answer.settings.old_images
    if count is None:
        return Verdict(False, "With old_images=None all of them are used: give a number.")
    lost = points_forgotten(answer)
    numbers = f"{count} old images, {lost:.1f} points forgotten on validation images"
    if lost > MOST_FORGETTING:
        return Verdict(False, f"{numbers}: more than {MOST_FORGETTING}. Use some more.")
    if count >= _TOO_MANY:
        return Verdict(False, f"{numbers}: that is safe, and more than is needed. How far down can you go?")
    return Verdict(True, f"{numbers}. With another seed the smallest number would be different. {test_results(answer)}")


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
    if the_old_task == "stays bit for bit":
        return Verdict(False, "The backbone stays bit for bit. What about the head that reads the digits from it?")
    if the_old_task == "is lost":
        return Verdict(False, f"{numbers}: it isn't lost. What is the old head practising here?")
    if the_old_task != "may change a little":
        return Verdict(False, 'Say "stays bit for bit", "may change a little" or "is lost".')
    return Verdict(True, f"The features stay, but the old head goes on learning: {numbers}. {test_results(answer)}")


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
