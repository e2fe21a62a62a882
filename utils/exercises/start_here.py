"""The checks of notebook 00."""

from utils.exercises.verdict import Verdict, ended_run
from utils.models import OLD_HEAD
from utils.training import STRATEGIES, Run


def check_layers(answer: list[str]) -> Verdict:
    """Exercise 1: are these the layers that feature extraction trains in the small CNN?"""
    names, due = set(answer), set(STRATEGIES["feature extraction"].layers("small_cnn"))
    if OLD_HEAD in names:
        return Verdict(False, "The old head belongs to the old task: there is nothing new for it to learn here.")
    if backbone := names - due:
        return Verdict(False, f"{', '.join(sorted(backbone))} would change: what the old task relies on wouldn't stay.")
    if missing := due - names:
        return Verdict(False, f"Without {', '.join(missing)} nothing would learn the new task.")
    return Verdict(True, "Only the new head learns. All else stays, bit for bit, and so does the old task.")


def check_gentler(answer: Run, reference: Run) -> Verdict:
    """Exercise 2: does changing one setting of fine-tuning halve the forgetting, with no layer frozen?"""
    if wrong := ended_run(answer):
        return wrong
    before, after = reference.settings.to_dict(), answer.settings.to_dict()
    changed = [name for name in before if before[name] != after[name] and name != "evaluate_every"]
    if answer.settings.layers != reference.settings.layers or answer.events:
        return Verdict(False, "A layer is frozen here. Let all that fine-tuning trains go on training.")
    if len(changed) != 1:
        names = ", ".join(changed) or "none"
        return Verdict(False, f"Change exactly one setting, so that you know what it was. Changed: {names}.")
    if answer.status != "finished":
        return Verdict(False, "The run was stopped early. Let it make all of its updates.")
    price = 100 * (reference.new_accuracy - answer.new_accuracy)
    numbers = f"Forgetting {answer.forgetting:.1f} instead of {reference.forgetting:.1f} points"
    if answer.forgetting > reference.forgetting / 2:
        return Verdict(False, f"{numbers}: that isn't half of it yet. What makes a single step smaller?")
    return Verdict(True, f"{numbers}, by {changed[0]} alone. The price: {price:.1f} points of the new task.")
