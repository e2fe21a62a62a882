"""What feature extraction and fine-tuning can reach: each at its best, and beside it both after the same budget.

And, to see whether the heads have converged, scikit-learn's logistic regression on the same features.
`python -m utils.sweeps.reach` makes the stored runs again: more than an hour on two slow cores. (Those that are stored
were made in parts, by the same functions.)
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from functools import cache
from pathlib import Path

from utils.measures import LinearProbe, linear_probe
from utils.models import pretrained
from utils.strategies import Settings
from utils.sweeps.choice import Choice, choose
from utils.sweeps.outcome import Outcome, Sweep, sweep
from utils.training.batches import choose_images

COMMAND = "python -m utils.sweeps.reach"
STORED = Path(__file__).parent / "stored" / "reach.json"
SEEDS = range(5)
SAME_BUDGET = 400  # updates
# Updates of a head on cached features cost next to nothing, so it gets larger batches and more patience.
USUAL = {"feature extraction": {"batch_size": 128, "patience": 20}, "fine-tuning": {"patience": 10}}
GRIDS = {  # what is chosen on validation images
    "feature extraction": {"learning_rate": (0.003, 0.01, 0.03), "head_l2": (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)},
    "fine-tuning": {"learning_rate": (3e-4, 1e-3, 3e-3)},
}
TASKS = (  # what is learnt, from how many images
    *({"pair": pair, "new_images": images}
      for images in (1000, 100)
      for pair in ("digits-drawings", "digits-halves", "digits-fashion", "fashion-digits")),
    {"pair": "digits-drawings", "pair_options": {"dissimilarity": 0.0}, "new_images": 100},
    {"pair": "digits-drawings", "new_images": 20},
)  # fmt: skip
HEADS_ALONE = tuple(  # for feature extraction alone, as in Table 1
    {"pair": pair, "new_images": 2000} for pair in ("digits-drawings", "digits-fashion", "fashion-digits")
)


def best_settings(strategy: str, progress: Callable = iter, **task) -> Choice:
    """The settings with which a strategy does best on the new task's validation images. task: fields of `Settings`."""
    settings = Settings(strategy=strategy, **task).until_converged(**USUAL[strategy])
    return choose(settings, GRIDS[strategy], progress=progress)


def reach(
    strategy: str, pair: str, new_images: int, pair_options: Mapping | None = None, same_budget: bool = False
) -> list[Outcome]:
    """The stored results of five seeds: the strategy's best, or what 400 updates at a rate of 0.001 bring.

    Args:
        strategy: "feature extraction" or "fine-tuning".
        pair, new_images, pair_options: what is learnt, and from how many images; stored are those of `TASKS`.
        same_budget: whether the result after the same budget is wanted, rather than the best one.

    Raises:
        KeyError: where no such runs are stored.
    """
    wanted = _task(Settings(pair, new_images=new_images, pair_options=pair_options))
    found = [
        one
        for one in stored_reach().outcomes
        if one.settings.strategy == strategy
        and bool(one.settings.patience) != same_budget
        and _task(one.settings) == wanted
    ]
    if not found:
        raise KeyError(f"{strategy} on {wanted}: no such runs are stored")
    return found


def probes(pair: str, new_images: int, pair_options: Mapping | None = None) -> list[float]:
    """Stored test accuracies of logistic regression on the frozen features, for the five seeds' images.

    Raises:
        KeyError: where none are stored.
    """
    wanted = _task(Settings(pair, new_images=new_images, pair_options=pair_options))
    stored = stored_reach().notes["probes"]
    found = [probe["test"] for probe in stored if _task(Settings.from_dict(probe["task"])) == wanted]
    if not found:
        raise KeyError(f"probes on {wanted}: none are stored")
    return found


def _task(settings):
    return settings.pair, settings.new_images, settings.pair_options


def probe(task: dict, seed: int) -> LinearProbe:
    """Logistic regression on the features that the checkpoint's backbone gives a run's images."""
    settings = Settings(seed=seed, **task)
    pair = settings.tasks()
    new, backbone = pair.new, pretrained(pair, settings.backbone).backbone
    chosen = choose_images(new.y_train, settings.new_images, seed)
    parts = {
        "train": (new.x_train[chosen], new.y_train[chosen]),
        "validation": (new.x_validation, new.y_validation),
        "test": (new.x_test, new.y_test),
    }
    features = {name: (backbone.predict(x, batch_size=250, verbose=0), y) for name, (x, y) in parts.items()}
    return linear_probe(**features)


@cache
def stored_reach() -> Sweep:
    """The runs that are stored with the project."""
    return Sweep.load(STORED)


def measure(task: dict, strategy: str) -> tuple[list[Outcome], dict]:
    """Both answers for one task and one strategy; what the choice of the settings tried, and the probes."""
    choice = best_settings(strategy, **task)
    same = Settings(strategy=strategy, updates=SAME_BUDGET, evaluate_every=SAME_BUDGET, **task)
    outcomes = sweep(one.replace(seed=seed) for one in (choice.settings, same) for seed in SEEDS)
    notes = {"tried": [asdict(one) | {"settings": one.settings.to_text()} for one in choice.tried], "probes": []}
    if strategy == "feature extraction":
        notes["probes"] = [asdict(probe(task, seed)) | {"task": task, "seed": seed} for seed in SEEDS]
    return outcomes, notes


def make(
    path: Path,
    told: Callable[[str], None],
    tasks: Iterable[dict] = TASKS,
    heads_alone: Iterable[dict] = HEADS_ALONE,
    processes: int | None = None,
) -> None:
    """All tasks, both strategies, in as many processes as there are cores, each on one thread.

    What is there so far is kept beside the file, which is replaced when everything is there.
    """
    partial = path.with_name(f"{path.stem}.partial.json")
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}  # of the processes to come
    wanted = [(task, strategy) for task in tasks for strategy in ("fine-tuning", "feature extraction")]
    wanted += [(task, "feature extraction") for task in heads_alone]
    found = {}
    with ProcessPoolExecutor(processes or os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        places = {pool.submit(measure, *one): place for place, one in enumerate(wanted)}
        for done in as_completed(places):
            found[places[done]] = done.result()
            in_order = [found[place] for place in sorted(found)]
            outcomes = [one for outcomes, _ in in_order for one in outcomes]
            notes = {name: [one for _, notes in in_order for one in notes[name]] for name in ("tried", "probes")}
            Sweep.now(outcomes, COMMAND, notes).save(partial)
            told(f"{len(found)}/{len(wanted)} {wanted[places[done]]}")
    os.replace(partial, path)


if __name__ == "__main__":
    STORED.parent.mkdir(exist_ok=True)
    make(STORED, lambda text: print(text, flush=True))
