"""Table 1 of Li & Hoiem (TPAMI 2018) on our pairs: which settings, which orderings, and the paper's own numbers.

`python -m utils.sweeps.table1` makes the stored runs again, in under an hour on two slow cores.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean

import pandas as pd

from utils.measures import Spread, mean_interval
from utils.strategies import STRATEGIES, Settings
from utils.sweeps.outcome import Sweep, sweep

PAIRS = ("digits-fashion", "fashion-digits", "digits-drawings")
SEEDS = range(5)
COMMAND = "python -m utils.sweeps.table1"
STORED = Path(__file__).parent / "stored" / "table1.json"
PAPER = Path(__file__).parent / "stored" / "paper_table1.csv"
_BASE = Settings(updates=600, warm_up=200, new_images=2000, evaluate_every=600)
_CHOOSING_SEEDS = range(1000, 1003)  # none of the seeds whose test results are told
_RATES = (3e-4, 1e-3, 3e-3, 1e-2)
_HEAD_RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
_WEIGHTS = {  # of a term without which the loss is fine-tuning's; the paper gives its own a weight of 1
    "learning without forgetting": (1.0, 10.0),
    "less-forgetting learning": (1e-3, 1e-2, 1e-1),
    "L2 to the start": (1e-3, 1e-2, 1e-1),
}
_MAY_COST = 0.02  # of the new task's validation accuracy: how much a penalty may cost


@dataclass(frozen=True)
class Ordering:
    """A statement about means: on this task `better` is above `worse`; `or_equal` where a tie will do."""

    task: str
    better: str
    worse: str
    or_equal: bool = False

    def __str__(self):
        return f"{self.better} {'≥' if self.or_equal else '>'} {self.worse}"

    def difference(self, frame: pd.DataFrame, pair: str) -> Spread:
        """Better minus worse, seed by seed, in percentage points."""
        of_pair = frame[frame["pair"] == pair].set_index("seed")
        better, worse = (of_pair[of_pair["strategy"] == name][self.task] for name in (self.better, self.worse))
        return mean_interval(better - worse.reindex(better.index))

    def holds(self, difference: Spread) -> bool:
        """Whether the mean says so."""
        return difference.mean >= 0 if self.or_equal else difference.mean > 0


_FE, _FC, _LWF = "feature extraction", "fine-tune-FC", "learning without forgetting"
ORDERINGS = (
    Ordering("old", _FE, "joint training", or_equal=True),
    Ordering("old", "joint training", _LWF),
    Ordering("old", _LWF, "fine-tuning"),
    Ordering("old", _FE, _FC),
    Ordering("old", _FC, _LWF),
    Ordering("new", _LWF, _FC),
    Ordering("new", _FC, _FE),
    Ordering("new", _LWF, _FE),
    Ordering("new", "fine-tuning", _FE),
    Ordering("new", "fine-tuning", _FC),
)


def table1_settings(pair: str, strategy: str, seed: int, choices: dict) -> Settings:
    """What one run of the table is made of. choices: what was chosen on validation images, as in `Sweep.notes`."""
    if strategy == _FE:  # a warm-up would be the same thing with an interruption
        return _BASE.replace(pair=pair, strategy=strategy, seed=seed, warm_up=0, learning_rate=choices["head_rate"])
    return _BASE.replace(
        pair=pair, strategy=strategy, seed=seed, learning_rate=choices["rate"],
        old_loss_weight=choices["weights"].get(strategy),
    )  # fmt: skip


def choose(told: Callable[[str], None]) -> dict:
    """The rates and penalties, chosen on the new task's validation images alone, for all pairs together.

    The rate that is best for fine-tuning is everybody's but feature extraction's, as in the paper. Each penalty, that
    of learning without forgetting among them, is made as strong as it can be without costing more than 2 % of
    fine-tuning's validation accuracy: by the new task alone, none would be best. T is the paper's.
    """

    def scores(strategy, **changes):
        """Validation accuracies, one for each pair and seed."""
        wanted = [
            _BASE.replace(pair=pair, strategy=strategy, seed=seed, **changes)
            for pair in PAIRS
            for seed in _CHOOSING_SEEDS
        ]
        return [one.new_validation for one in sweep(wanted, told)]

    rates = {rate: scores("fine-tuning", learning_rate=rate) for rate in _RATES}
    head_rates = {rate: scores(_FE, learning_rate=rate, warm_up=0) for rate in _HEAD_RATES}
    rate, head_rate = best(rates), best(head_rates)
    weighed = {
        strategy: {weight: scores(strategy, learning_rate=rate, old_loss_weight=weight) for weight in weights}
        for strategy, weights in _WEIGHTS.items()
    }
    weights = {strategy: strongest_that_is_cheap(of, rates[rate]) for strategy, of in weighed.items()}
    return {
        "rate": rate,
        "head_rate": head_rate,
        "weights": weights | {"network expansion + LwF": weights[_LWF]},
        "validation": {"rate": _named(rates), "head_rate": _named(head_rates)}
        | {f"weight of {name}": _named(of) for name, of in weighed.items()},
    }


def best(scores: dict[float, list[float]]) -> float:
    """The rate with the highest mean score."""
    return max(scores, key=lambda rate: fmean(scores[rate]))


def strongest_that_is_cheap(scores: dict[float, list[float]], unprotected: list[float]) -> float:
    """The largest weight whose mean score is at least 98 % of that without any; the smallest if none's is."""
    cheap = [weight for weight, of in scores.items() if fmean(of) >= (1 - _MAY_COST) * fmean(unprotected)]
    return max(cheap, default=min(scores))


def make(told: Callable[[str], None], strategies: Iterable[str] = tuple(STRATEGIES)) -> Sweep:
    """Choose, then run all strategies on all pairs with all seeds."""
    choices = choose(told)
    wanted = [
        table1_settings(pair, strategy, seed, choices)
        for pair in PAIRS
        for strategy in strategies
        for seed in SEEDS
    ]
    return Sweep.now(sweep(wanted, told), COMMAND, choices)


@cache
def stored_table() -> Sweep:
    """The runs that are stored with the project."""
    return Sweep.load(STORED)


def paper_table() -> pd.DataFrame:
    """Table 1 of Li & Hoiem (TPAMI 2018), AlexNet: a row for each strategy, columns (pair, "old" | "new").

    Accuracies in % (mean average precision for VOC), worked out from the differences to LwF that the paper prints.
    """
    return pd.read_csv(PAPER, header=[0, 1], index_col=0, comment="#")


def table1() -> pd.DataFrame:
    """Our Table 1 from the stored runs: learning without forgetting in %, the others as differences from it.

    A row for each strategy, columns (pair, "old" | "new"); mean ± 95 % interval over the seeds.
    """
    frame = stored_table().frame()
    columns = {}
    for pair in PAIRS:
        for task in ("old", "new"):
            columns[pair, task] = {}
            for name in dict.fromkeys(frame["strategy"]):
                of_name = frame[(frame["pair"] == pair) & (frame["strategy"] == name)]
                if name == _LWF:
                    columns[pair, task][name] = str(mean_interval(of_name[task]))
                else:
                    columns[pair, task][name] = f"{Ordering(task, name, _LWF).difference(frame, pair):+}"
    table = pd.DataFrame(columns)
    table.columns = pd.MultiIndex.from_tuples(columns)
    return table.loc[[_LWF, *(name for name in table.index if name != _LWF)]]


def orderings() -> pd.DataFrame:
    """Each statement about means: held in how many of the paper's pairs and of ours (stored runs), with differences.

    A difference is better minus worse, in percentage points: mean ± 95 % interval over the seeds. ✓ it
    held, ✗ it came out the other way round, ○ the interval has zero in it, so five seeds don't tell.
    """
    frame, paper = stored_table().frame(), paper_table()
    rows = []
    for one in ORDERINGS:
        printed = paper.loc[one.better] - paper.loc[one.worse]
        printed = printed[printed.index.get_level_values(1) == one.task]
        held = (printed >= 0) if one.or_equal else (printed > 0)
        row = {"task": one.task, "statement": str(one), "held in the paper": f"{held.sum()} of {len(held)}"}
        differences = {pair: one.difference(frame, pair) for pair in PAIRS}
        for pair, difference in differences.items():
            sign = "○" if not difference.clear else "✓" if one.holds(difference) else "✗"
            told = f"{sign} {difference:+}"
            row[pair] = told.replace(" ", "\N{NO-BREAK SPACE}")  # a number broken in two is hard to read
        row["held here"] = f"{sum(map(one.holds, differences.values()))} of {len(PAIRS)}"
        row["clearly"] = f"{sum(one.holds(of) and of.clear for of in differences.values())} of {len(PAIRS)}"
        rows.append(row)
    return pd.DataFrame(rows)


def _named(scores):
    return {f"{key:g}": value for key, value in scores.items()}


if __name__ == "__main__":
    STORED.parent.mkdir(exist_ok=True)
    make(lambda text: print(text, flush=True)).save(STORED)
    print(f"saved: {STORED.name}")
