"""The checks of notebook 06."""

from utils.exercises.verdict import Verdict, ended_run, forgotten, learnt, told
from utils.strategies import Settings
from utils.training import Run

MOST_FORGETTING, UPDATES = 10, 200
_LAVISH = 100  # old images: more than anybody needs here


def check_memory(answer: Run) -> Verdict:
    """Exercise 1: a small memory with which joint training forgets at most 10 points, on validation images."""
    if wrong := _joint_run(answer, free="old_images"):
        return wrong
    count = answer.settings.old_images
    if count is None:
        return Verdict(False, "With old_images=None all of them are kept: give a number.")
    lost = forgotten(answer)
    numbers = f"{count} old images, {lost:.1f} points forgotten on validation images"
    if lost > MOST_FORGETTING:
        return Verdict(False, f"{numbers}: more than {MOST_FORGETTING}. Keep some more.")
    if count >= _LAVISH:
        return Verdict(False, f"{numbers}: that is safe, and more than is needed. How far down can you go?")
    return Verdict(True, f"{numbers}. With another seed the smallest number would be another. {told(answer)}")


def check_frozen_joint(answer: Run, the_old_task: str) -> Verdict:
    """Exercise 2: both heads trained jointly on a frozen backbone; what does the old task do?"""
    if wrong := _joint_run(answer, free="trained_layers"):
        return wrong
    if answer.settings.layers != ("old_head", "new_head"):
        trains = ", ".join(answer.settings.layers)
        return Verdict(False, f'This run trains {trains}. Give trained_layers=["old_head", "new_head"].')
    lost = forgotten(answer)
    numbers = f"{lost:+.1f} points forgotten on validation images, new task {100 * learnt(answer):.1f} %"
    if the_old_task == "stays bit for bit":
        return Verdict(False, "The backbone stays bit for bit. What about the head that reads the digits from it?")
    if the_old_task == "is lost":
        return Verdict(False, f"{numbers}: lost is another thing. What is the old head practising here?")
    if the_old_task != "may change a little":
        return Verdict(False, 'Say "stays bit for bit", "may change a little" or "is lost".')
    return Verdict(True, f"The features stay, but the old head goes on learning: {numbers}. {told(answer)}")


def _joint_run(answer, free):
    """What is wrong with a run that should be joint training as in the notebook, but for one free setting."""
    if wrong := ended_run(answer):
        return wrong
    if answer.settings.strategy != "joint training":
        return Verdict(False, f'The strategy is {answer.settings.strategy!r}; "joint training" is due.')
    wanted = Settings(strategy="joint training", updates=UPDATES).replace(
        **{free: getattr(answer.settings, free)}, evaluate_every=answer.settings.evaluate_every
    )
    if answer.settings != wanted or answer.events:
        return Verdict(False, f"Leave all settings but {free} as they are in the notebook ({UPDATES} updates, seed 0).")
    if answer.status != "finished":
        return Verdict(False, "The run was stopped early. Let it make all of its updates.")
    return None
