"""What feature extraction and fine-tuning can reach: each at its best, and both after the same budget.

Logistic regression by scikit-learn on the same features shows whether the heads have converged.
`python -m utils.sweeps.reach` makes the stored runs again, in more than an hour on two slow cores. (The stored runs
were made in parts, by the same functions.)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path

from utils.checks import check_flag, check_one_of
from utils.measures import LinearProbe, linear_probe
from utils.messages import refusal
from utils.models import pretrained
from utils.strategies import Settings
from utils.sweeps.choice import CHOOSING_SEED, best_of_grid
from utils.sweeps.crews import Crew
from utils.sweeps.making import Making, making
from utils.sweeps.outcome import Outcome, Sweep
from utils.training.batches import choose_images

COMMAND = "python -m utils.sweeps.reach"
STORED = Path(__file__).parent / "stored" / "reach.json"
SEEDS = range(5)
SAME_BUDGET = 400  # updates
# Updates of a head on cached features are very fast, so it gets larger batches and more patience.
USUAL = {"feature extraction": {"batch_size": 128, "patience": 20}, "fine-tuning": {"patience": 10}}
GRIDS = {  # to choose from on validation images
    "feature extraction": {"learning_rate": (0.003, 0.01, 0.03), "head_l2": (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)},
    "fine-tuning": {"learning_rate": (3e-4, 1e-3, 3e-3)},
}
TASKS = (  # the pairs, and the numbers of new images
    *({"pair": pair, "new_images": images}
      for images in (1000, 100)
      for pair in ("digits-drawings", "digits-halves", "digits-fashion", "fashion-digits")),
    {"pair": "digits-drawings", "pair_options": {"dissimilarity": 0.0}, "new_images": 100},
    {"pair": "digits-drawings", "new_images": 20},
)  # fmt: skip
HEADS_ALONE = ({"pair": "digits-drawings", "new_images": 2000},)  # for feature extraction only


def reach(
    strategy: str, pair: str, new_images: int, pair_options: Mapping | None = None, same_budget: bool = False
) -> list[Outcome]:
    """The stored results of five seeds: the strategy at its best, or after 400 updates at a rate of 0.001.

    Args:
        strategy: "feature extraction" or "fine-tuning".
        pair: A pair in `TASKS`.
        new_images: The number of new images, as there.
        pair_options: The options of the pair, as there.
        same_budget: Whether to give the results after the same budget instead of the best ones.

    Raises:
        ValueError: Where there are no such runs.
    """
    check_one_of("strategy", strategy, USUAL)
    same_budget = check_flag("same_budget", same_budget)
    task = _task(Settings(pair, new_images=new_images, pair_options=pair_options))
    outcomes = [
        outcome
        for outcome in stored_reach().outcomes
        if outcome.settings.strategy == strategy
        and bool(outcome.settings.patience) != same_budget
        and _task(outcome.settings) == task
    ]
    if not outcomes:
        of_strategy = [each.settings for each in stored_reach().outcomes if each.settings.strategy == strategy]
        raise ValueError(_not_stored(task, [_task(settings) for settings in of_strategy]))
    return outcomes


def probes(pair: str, new_images: int, pair_options: Mapping | None = None) -> list[float]:
    """The stored test accuracies of logistic regression on the frozen features, for the images of five seeds.

    Args:
        pair: As in `reach`.
        new_images: As in `reach`.
        pair_options: As in `reach`.

    Raises:
        ValueError: Where there are none.
    """
    task = _task(Settings(pair, new_images=new_images, pair_options=pair_options))
    stored = [(_task(Settings.from_dict(probe["task"])), probe["test"]) for probe in stored_reach().notes["probes"]]
    accuracies = [accuracy for of_task, accuracy in stored if of_task == task]
    if not accuracies:
        raise ValueError(_not_stored(task, [of_task for of_task, _ in stored]))
    return accuracies


def _not_stored(task, stored):
    """What to say where nothing is stored for a task: what there is instead."""
    pair, new_images, options = task
    of_pair = {other for other in stored if other[0] == pair}
    counts = sorted(images for _, images, its_options in of_pair if its_options == options)
    if counts:
        return refusal("new_images", new_images, f"stored for {pair!r} are {', '.join(map(str, counts))}")
    if of_pair:
        others = " and ".join(sorted({str(dict(its_options or ())) for *_, its_options in of_pair}))
        return refusal("pair_options", dict(options or ()), f"stored for {pair!r} are {others}")
    return refusal("pair", pair, f"stored are {', '.join(sorted({repr(name) for name, *_ in stored}))}")


def _task(settings):
    return settings.pair, settings.new_images, settings.pair_options


def probe(task: dict, seed: int) -> LinearProbe:
    """Fit logistic regression to the features of a run's images at the checkpoint."""
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
    """The stored runs."""
    return Sweep.load(STORED)


def measure(task: dict, strategy: str, made: Making) -> tuple[list[Outcome], dict]:
    """Make all runs for one task and one strategy.

    Returns:
        The outcomes, at the strategy's best and after the same budget; and, for the notes, the points of the grid and
        the probes.
    """
    usual = Settings(strategy=strategy, seed=CHOOSING_SEED, **task).until_converged(**USUAL[strategy])
    choice = best_of_grid(usual, GRIDS[strategy], made.validation)
    same = Settings(strategy=strategy, updates=SAME_BUDGET, evaluate_every=SAME_BUDGET, **task)
    outcomes = made.outcomes(settings.replace(seed=seed) for settings in (choice.settings, same) for seed in SEEDS)
    points = [asdict(point) | {"settings": point.settings.to_text()} for point in choice.points]
    notes = {"tried": points, "probes": []}
    if strategy == "feature extraction":
        notes["probes"] = made.results(probe_of, [{"task": task, "seed": seed} for seed in SEEDS])
    return outcomes, notes


def probe_of(job: dict) -> dict:
    """`probe` as a job, {"task": ..., "seed": ...}: its fields beside those of the job."""
    return asdict(probe(**job)) | job


def make(
    path: Path,
    log: Callable[[str], None],
    tasks: Iterable[dict] = TASKS,
    heads_alone: Iterable[dict] = HEADS_ALONE,
    crew: Crew | None = None,
) -> None:
    """Make all runs; what is made stays beside the file until it's written at the end.

    Args:
        path: The file.
        log: Takes a line about each run as it ends.
        tasks: The tasks for both strategies.
        heads_alone: The tasks for feature extraction only.
        crew: As in `making`.
    """
    jobs = [(task, strategy) for task in tasks for strategy in ("fine-tuning", "feature extraction")]
    jobs += [(task, "feature extraction") for task in heads_alone]
    with making(path, log, crew) as made:
        results = [measure(*job, made) for job in jobs]
        notes = {name: [note for _, notes in results for note in notes[name]] for name in ("tried", "probes")}
        Sweep.now([outcome for outcomes, _ in results for outcome in outcomes], COMMAND, notes).save(path)


if __name__ == "__main__":
    STORED.parent.mkdir(exist_ok=True)
    make(STORED, lambda text: print(text, flush=True))
