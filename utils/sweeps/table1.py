"""Table 1 of Li & Hoiem (TPAMI 2018) on our pairs, at the paper's conditions: the settings, and the stored runs.

`python -m utils.sweeps.table1` makes the stored runs again, in some two hours on two cores; interrupted, it goes
on where it was.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from utils.checks import check_mapping, check_one_of
from utils.messages import given
from utils.shipped import read_shipped
from utils.strategies import STRATEGIES, Settings
from utils.sweeps.making import making
from utils.sweeps.outcome import Sweep
from utils.sweeps.trials import Outcomes, Trial, best, try_settings, widen

if TYPE_CHECKING:
    import pandas as pd

PAIRS = ("digits-fashion", "fashion-digits", "digits-drawings")
SEEDS = range(10)
CHOOSING_SEEDS = range(1000, 1002)  # not the seeds whose test results are reported
COMMAND = "python -m utils.sweeps.table1"
STORED = Path(__file__).parent / "stored" / "table1.json"
PAPER = Path(__file__).parent / "stored" / "paper_table1.csv"
RATES = (2e-5, 1e-4, 3e-4, 1e-3)  # 0.02 to 1 times that of the original training; in the paper, up to 0.1 times
HEAD_RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
WEIGHTS = (1, 3, 10)  # λ to try, as factors of the strategy's own; the grid grows where an end is chosen
# A duplicate isn't run: it learns the new task as fine-tuning does, and the old network answers as it did.
COMPARED = tuple(name for name, row in STRATEGIES.items() if not row.keeps_copy)
_HEAD_ALONE, _TUNING = "feature extraction", "fine-tuning"
# Until validation stops improving, the rate falls to a tenth, and it stops improving again.
_UNTIL_CONVERGED = {"updates": 20_000, "evaluate_every": 50, "patience": 6, "rate_drops": 1, "new_images": 2000}
_WARM_UP = {"warm_up": 2000, "warm_up_rate": 3e-3, "standardize": True}  # until the new head has converged


def table1_settings(pair: str, strategy: str, seed: int, choices: Mapping | None = None) -> Settings:
    """The settings of one run of the table.

    Args:
        pair: A name in `PAIRS`.
        strategy: A name in `COMPARED`.
        seed: The seed.
        choices: What was chosen on validation images, by pair and strategy, as in the `notes` of `stored_table`: fields
            of `Settings`. None for the strategy's own λ, and the usual rate.
    """
    check_one_of("pair", pair, PAIRS)
    check_one_of("strategy", strategy, COMPARED)
    chosen = {}
    if choices is not None:
        of_pair = check_mapping("choices", choices).get(pair, {})
        if strategy not in of_pair:
            raise ValueError(f"choices={given(choices)} is not allowed: {strategy!r} on {pair!r} is missing.")
        chosen = of_pair[strategy]
    of_strategy = {"batch_size": 128, "patience": 20} if strategy == _HEAD_ALONE else _WARM_UP  # a head's are quick
    return Settings(pair=pair, strategy=strategy, seed=seed, **_UNTIL_CONVERGED | of_strategy | chosen)


def choose(outcomes: Outcomes, pair: str) -> tuple[dict[str, dict], list[Trial]]:
    """Choose learning rate and λ of each strategy for a pair, on validation images of the new task alone.

    As in the paper: what gives the highest accuracy, and fine-tuning's rate for all strategies except those whose
    backbone is frozen. λ comes from a grid that grows until no end of it is best. Nothing here looks at the old task.

    Args:
        outcomes: Makes runs.
        pair: The pair.

    Returns:
        The chosen fields of `Settings` by strategy, and everything that was tried.
    """
    usual = {name: table1_settings(pair, name, CHOOSING_SEEDS[0]) for name in COMPARED}
    own_rate = [name for name in usual if name == _TUNING or not {"backbone", "top"} & set(STRATEGIES[name].trains)]
    tried = try_settings(
        outcomes,
        (
            usual[name].replace(learning_rate=rate)
            for name in own_rate
            for rate in (HEAD_RATES if name == _HEAD_ALONE else RATES)
        ),
        CHOOSING_SEEDS,
    )
    of = {name: [trial for trial in tried if trial.strategy == name] for name in own_rate}
    chosen = {name: {"learning_rate": best(of.get(name, of[_TUNING])).learning_rate} for name in usual}
    weights = {}  # of terms of the loss: strategies that share them share λ
    for name, settings in usual.items():
        row = settings.row
        if row.protects and not row.rehearses:
            if row.losses not in weights:
                trials = _weigh(outcomes, settings.replace(**chosen[name]))
                weights[row.losses] = best(trials).old_loss_weight
                tried += trials
            chosen[name]["old_loss_weight"] = weights[row.losses]
    return chosen, tried


def _weigh(outcomes, settings):
    """Trials of several λ at the rate of the settings."""

    def further(*weights):
        return try_settings(outcomes, (settings.replace(old_loss_weight=weight) for weight in weights), CHOOSING_SEEDS)

    return widen(further(*(settings.row.weight * factor for factor in WEIGHTS)), further)


def make(outcomes: Outcomes, pairs: Iterable[str] = PAIRS) -> Sweep:
    """Choose, then run all strategies on all pairs with all seeds.

    Args:
        outcomes: Makes runs.
        pairs: The pairs.
    """
    chosen, tried, made = {}, [], []
    for pair in pairs:
        chosen[pair], of_pair = choose(outcomes, pair)
        tried += of_pair
        made += outcomes([table1_settings(pair, name, seed, chosen) for name in COMPARED for seed in SEEDS])
    return Sweep.now(made, COMMAND, {"chosen": chosen, "tried": [trial.to_dict() for trial in tried]})


@cache
def stored_table() -> Sweep:
    """The stored runs."""
    return Sweep.load(STORED)


@cache
def stored_trials() -> tuple[Trial, ...]:
    """What was tried to choose the settings of the stored runs: two seeds that serve for nothing else."""
    return tuple(map(Trial.from_dict, stored_table().notes["tried"]))


def paper_table() -> pd.DataFrame:
    """Table 1 of Li & Hoiem (TPAMI 2018), AlexNet: a row for each strategy, columns (pair, "old" | "new").

    Accuracies in % (mean average precision for VOC), computed from the differences to LwF that the paper prints.
    """
    import pandas as pd  # only here: it takes a third of a second

    return pd.read_csv(io.BytesIO(read_shipped(PAPER)), header=[0, 1], index_col=0, comment="#")


if __name__ == "__main__":
    STORED.parent.mkdir(exist_ok=True)
    with making(STORED, lambda text: print(text, flush=True)) as made:
        make(made.outcomes).save(STORED)
    print(f"saved: {STORED.name}")
