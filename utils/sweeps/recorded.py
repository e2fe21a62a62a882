"""How much of the old task recorded answers save, against how much they say: digits, then drawings more or less alike.

`python -m utils.sweeps.recorded` makes the stored runs again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from utils.measures import Spread, answer_information, mean_interval, softmax
from utils.models import pretrained
from utils.strategies import Settings
from utils.sweeps.making import Making, making
from utils.sweeps.outcome import Sweep
from utils.tasks import load_pair

COMMAND = "python -m utils.sweeps.recorded"
STORED = Path(__file__).parent / "stored" / "recorded.json"
PAIR, DISSIMILARITIES, SEEDS = "digits-drawings", (0.0, 0.25, 0.5, 0.75, 1.0), range(10)
STRATEGIES = ("fine-tuning", "learning without forgetting")
# A head that has converged, then as many updates for all: long enough for both strategies to learn the new task.
BASE = Settings(PAIR, updates=3000, warm_up=2000, warm_up_rate=3e-3, standardize=True, evaluate_every=3000)


@dataclass(frozen=True)
class Saving:
    """What recorded answers save at one dissimilarity of the tasks, in percentage points, seed by seed.

    Attributes:
        bits: The information of the recorded answers, in bits per image.
        lost: What fine-tuning forgets, one number for each seed.
        saved: How much less learning without forgetting forgets.
        gained: How much more of the new task it learns.
    """

    bits: float
    lost: tuple[float, ...]
    saved: tuple[float, ...]
    gained: tuple[float, ...]

    @property
    def spread(self) -> Spread:
        """Mean and 95% interval of what is saved."""
        return mean_interval(self.saved)


def bits_of(dissimilarity: float, images: int = BASE.new_images, temperature: float = BASE.temperature) -> float:
    """How much the old network's softened answers to new training images say about them, in bits per image."""
    pair = load_pair(PAIR, dissimilarity=dissimilarity)
    logits = pretrained(pair).keras_model("old").predict(pair.new.x_train[:images], batch_size=100, verbose=0)
    return answer_information(softmax(logits / temperature))


def recorded_settings(dissimilarity: float, strategy: str, seed: int) -> Settings:
    """The settings of one run."""
    return BASE.replace(pair_options={"dissimilarity": dissimilarity}, strategy=strategy, seed=seed)


def make(made: Making, dissimilarities: Iterable[float] = DISSIMILARITIES, seeds: Iterable[int] = SEEDS) -> Sweep:
    """Make all runs.

    Args:
        made: Makes runs.
        dissimilarities: The dissimilarities of the tasks.
        seeds: The seeds.
    """
    outcomes = made.outcomes(
        recorded_settings(dissimilarity, strategy, seed)
        for dissimilarity in dissimilarities
        for strategy in STRATEGIES
        for seed in seeds
    )
    bits = {f"{dissimilarity:g}": bits_of(dissimilarity) for dissimilarity in dissimilarities}
    return Sweep.now(outcomes, COMMAND, {"bits": bits})


@cache
def stored_recorded() -> Sweep:
    """The stored runs; their notes have the bits per image by dissimilarity."""
    return Sweep.load(STORED)


def savings() -> dict[float, Saving]:
    """What recorded answers save, by dissimilarity: stored runs with ten seeds, on test images."""
    found = {}
    for text, bits in stored_recorded().notes["bits"].items():
        runs = {name: [] for name in STRATEGIES}
        for outcome in stored_recorded().outcomes:
            if dict(outcome.settings.pair_options or {"dissimilarity": 1.0})["dissimilarity"] == float(text):
                runs[outcome.settings.strategy].append(outcome)
        tuned, kept = runs.values()
        found[float(text)] = Saving(
            bits,
            tuple(run.forgetting for run in tuned),
            tuple(a.forgetting - b.forgetting for a, b in zip(tuned, kept, strict=True)),
            tuple(100 * (b.new - a.new) for a, b in zip(tuned, kept, strict=True)),
        )
    return found


if __name__ == "__main__":
    with making(STORED, lambda text: print(text, flush=True)) as made:
        make(made).save(STORED)
    print(f"saved: {STORED.name}")
