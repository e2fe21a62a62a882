"""What feature extraction and fine-tuning can reach: each at its best, and beside it both after the same budget.

`python -m utils.sweeps.reach` makes the stored runs again: an hour on two slow cores.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from functools import cache
from pathlib import Path

from utils.sweeps.choice import Choice, choose
from utils.sweeps.outcome import Outcome, Sweep, sweep
from utils.training import Settings

COMMAND = "python -m utils.sweeps.reach"
STORED = Path(__file__).parent / "stored" / "reach.json"
SEEDS = range(5)
SAME_BUDGET = 400  # updates
GRIDS = {  # what is chosen on validation images
    "feature extraction": {"learning_rate": (0.003, 0.01, 0.03), "head_l2": (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)},
    "fine-tuning": {"learning_rate": (3e-4, 1e-3, 3e-3)},
}
TASKS = (  # what is learnt, from how many images
    *({"pair": pair, "new_images": images}
      for images in (1000, 100)
      for pair in ("digits-drawings", "digits-halves", "digits-fashion", "fashion-digits")),
    *({"pair": "digits-drawings", "unlikeness": 0.0, "new_images": images} for images in (1000, 100)),
    {"pair": "digits-drawings", "new_images": 20},
)  # fmt: skip


def best_settings(strategy: str, progress: Callable = iter, **task) -> Choice:
    """The settings with which a strategy does best on the new task's validation images. task: fields of `Settings`."""
    settings = Settings(strategy=strategy, **task).until_converged()
    return choose(settings, GRIDS[strategy], progress=progress)


def reach(strategy: str, same_budget: bool = False, **task) -> list[Outcome]:
    """The stored results of five seeds, each at the strategy's best, or each after 400 updates at 0.001.

    task: what is learnt, as in `TASKS`. Raises a KeyError where nothing is stored for it.
    """
    wanted = Settings(strategy=strategy, **task)
    found = [
        one
        for one in stored_reach().outcomes
        if bool(one.settings.patience) != same_budget
        and all(
            getattr(one.settings, name) == getattr(wanted, name)
            for name in ("pair", "strategy", "new_images", "unlikeness")
        )
    ]
    if not found:
        raise KeyError(f"{strategy} on {task}: no such runs are stored")
    return found


@cache
def stored_reach() -> Sweep:
    """The runs that are stored with the project."""
    return Sweep.load(STORED)


def measure(task: dict, strategy: str) -> tuple[list[Outcome], list[dict]]:
    """Both answers for one task and one strategy, and what the choice of the settings tried."""
    choice = best_settings(strategy, **task)
    same = Settings(strategy=strategy, updates=SAME_BUDGET, evaluate_every=SAME_BUDGET, **task)
    outcomes = sweep(one.replace(seed=seed) for one in (choice.settings, same) for seed in SEEDS)
    return outcomes, [asdict(one) | {"settings": one.settings.to_text()} for one in choice.tried]


def make(path: Path, told: Callable[[str], None], tasks: Iterable[dict] = TASKS, processes: int | None = None) -> None:
    """All tasks, both strategies, in as many processes as there are cores, each on one thread.

    What is there so far is written into the file whenever a strategy is done with a task.
    """
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}  # of the processes to come
    wanted = [(task, strategy) for task in tasks for strategy in ("fine-tuning", "feature extraction")]
    found = {}
    with ProcessPoolExecutor(processes or os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        places = {pool.submit(measure, *one): place for place, one in enumerate(wanted)}
        for done in as_completed(places):
            found[places[done]] = done.result()
            in_order = [found[place] for place in sorted(found)]
            outcomes = [one for outcomes, _ in in_order for one in outcomes]
            Sweep.now(outcomes, COMMAND, {"tried": [one for _, tried in in_order for one in tried]}).save(path)
            told(f"{len(found)}/{len(wanted)} {wanted[places[done]]}")


if __name__ == "__main__":
    STORED.parent.mkdir(exist_ok=True)
    make(STORED, lambda text: print(text, flush=True))
