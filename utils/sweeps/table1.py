"""Table 1 of Li & Hoiem (TPAMI 2018) on our pairs: the settings, the orderings, and the paper's numbers.

`python -m utils.sweeps.table1` makes the stored runs again, in under an hour on two slow cores.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from utils.checks import check_kind, check_mapping, check_one_of
from utils.measures import Spread, mean_interval
from utils.messages import given
from utils.shipped import read_shipped
from utils.strategies import STRATEGIES, Settings
from utils.sweeps.making import making
from utils.sweeps.outcome import Outcome, Sweep

if TYPE_CHECKING:
    import pandas as pd

PAIRS = ("digits-fashion", "fashion-digits", "digits-drawings")
SEEDS = range(5)
COMMAND = "python -m utils.sweeps.table1"
STORED = Path(__file__).parent / "stored" / "table1.json"
PAPER = Path(__file__).parent / "stored" / "paper_table1.csv"
_BASE = Settings(updates=600, warm_up=200, new_images=2000, evaluate_every=600)
_CHOOSING_SEEDS = range(1000, 1003)  # not the seeds whose test results are reported
_RATES = (3e-4, 1e-3, 3e-3, 1e-2)
_HEAD_RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
_WEIGHTS = {  # λ of a term without which the loss is that of fine-tuning; the paper gives its own a weight of 1
    "learning without forgetting": (1.0, 10.0),
    "less-forgetting learning": (1e-3, 1e-2, 1e-1),
    "L2 to the start": (1e-3, 1e-2, 1e-1),
}
_MAY_COST = 0.02  # the largest part of the new task's validation accuracy that a penalty may cost


@dataclass(frozen=True)
class Ordering:
    """A statement about the mean accuracies of two strategies.

    Attributes:
        task: "old" or "new".
        better: The strategy with the higher mean.
        worse: The strategy with the lower mean.
        or_equal: Whether equal means are enough.
    """

    task: str
    better: str
    worse: str
    or_equal: bool = False

    def __str__(self):
        return f"{self.better} {'≥' if self.or_equal else '>'} {self.worse}"

    def difference(self, frame: pd.DataFrame, pair: str) -> Spread:
        """Better minus worse, seed by seed, in percentage points."""
        import pandas as pd  # only here: it takes a third of a second

        check_kind("frame", frame, pd.DataFrame, "give the frame of a Sweep")
        if missing := {"pair", "seed", "strategy", self.task} - set(frame.columns):
            raise ValueError(f"frame has the columns {list(frame.columns)}: {sorted(missing)[0]!r} is missing.")
        check_one_of("pair", pair, sorted(set(frame["pair"])))
        of_pair = frame[frame["pair"] == pair].set_index("seed")
        better, worse = (of_pair[of_pair["strategy"] == name][self.task] for name in (self.better, self.worse))
        return mean_interval(better - worse.reindex(better.index))

    def holds(self, difference: Spread) -> bool:
        """Whether the mean difference agrees with the statement."""
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
    """The settings of one run of the table.

    Args:
        pair: The pair.
        strategy: The strategy.
        seed: The seed.
        choices: What was chosen on validation images, as in `Sweep.notes`.
    """
    check_one_of("strategy", strategy, STRATEGIES)
    if missing := {"rate", "head_rate", "weights"} - set(check_mapping("choices", choices)):
        raise ValueError(f"choices={given(choices)} is not allowed: {sorted(missing)[0]!r} is missing.")
    if strategy == _FE:  # a warm-up would only restart its optimizer
        return _BASE.replace(pair=pair, strategy=strategy, seed=seed, warm_up=0, learning_rate=choices["head_rate"])
    return _BASE.replace(
        pair=pair, strategy=strategy, seed=seed, learning_rate=choices["rate"],
        old_loss_weight=choices["weights"].get(strategy),
    )  # fmt: skip


def choose(outcomes: Callable[[list[Settings]], list[Outcome]]) -> dict:
    """Choose the rates and penalties for all pairs together, on the new task's validation images.

    As in the paper, all strategies except feature extraction get the rate that is best for fine-tuning. Each penalty,
    including that of learning without forgetting, is the strongest that costs at most 2% of fine-tuning's validation
    accuracy: judged by the new task alone, no penalty would be best. T is the paper's.

    Args:
        outcomes: Makes runs.
    """

    def scores(strategy, **changes):
        """Validation accuracies, one for each pair and seed."""
        settings = [
            _BASE.replace(pair=pair, strategy=strategy, seed=seed, **changes)
            for pair in PAIRS
            for seed in _CHOOSING_SEEDS
        ]
        return [outcome.new_validation for outcome in outcomes(settings)]

    rates = {rate: scores("fine-tuning", learning_rate=rate) for rate in _RATES}
    head_rates = {rate: scores(_FE, learning_rate=rate, warm_up=0) for rate in _HEAD_RATES}
    rate, head_rate = best(rates), best(head_rates)
    penalties = {
        strategy: {weight: scores(strategy, learning_rate=rate, old_loss_weight=weight) for weight in weights}
        for strategy, weights in _WEIGHTS.items()
    }
    weights = {strategy: strongest_that_is_cheap(by_weight, rates[rate]) for strategy, by_weight in penalties.items()}
    return {
        "rate": rate,
        "head_rate": head_rate,
        "weights": weights | {"network expansion + LwF": weights[_LWF]},
        "validation": {"rate": _text_keys(rates), "head_rate": _text_keys(head_rates)}
        | {f"weight of {name}": _text_keys(by_weight) for name, by_weight in penalties.items()},
    }


def best(scores: dict[float, list[float]]) -> float:
    """The rate with the highest mean score."""
    return max(scores, key=lambda rate: fmean(scores[rate]))


def strongest_that_is_cheap(scores: dict[float, list[float]], unprotected: list[float]) -> float:
    """The largest weight with a mean score of at least 98% of that without a penalty; else the smallest weight."""
    cheap = [weight for weight, values in scores.items() if fmean(values) >= (1 - _MAY_COST) * fmean(unprotected)]
    return max(cheap, default=min(scores))


def make(
    outcomes: Callable[[list[Settings]], list[Outcome]], strategies: Iterable[str] = tuple(STRATEGIES)
) -> Sweep:
    """Choose, then run all strategies on all pairs with all seeds.

    Args:
        outcomes: Makes runs.
        strategies: Names in `STRATEGIES`.
    """
    choices = choose(outcomes)
    settings = [
        table1_settings(pair, strategy, seed, choices) for pair in PAIRS for strategy in strategies for seed in SEEDS
    ]
    return Sweep.now(outcomes(settings), COMMAND, choices)


@cache
def stored_table() -> Sweep:
    """The stored runs."""
    return Sweep.load(STORED)


def paper_table() -> pd.DataFrame:
    """Table 1 of Li & Hoiem (TPAMI 2018), AlexNet: a row for each strategy, columns (pair, "old" | "new").

    Accuracies in % (mean average precision for VOC), computed from the differences to LwF that the paper prints.
    """
    import pandas as pd  # only here: it takes a third of a second

    return pd.read_csv(io.BytesIO(read_shipped(PAPER)), header=[0, 1], index_col=0, comment="#")


def table1() -> pd.DataFrame:
    """Our Table 1 from the stored runs: learning without forgetting in %, and differences from it.

    A row for each strategy, columns (pair, "old" | "new"); mean ± 95% interval over the seeds.
    """
    frame = stored_table().frame()
    columns = {}
    for pair in PAIRS:
        for task in ("old", "new"):
            columns[pair, task] = {}
            for name in dict.fromkeys(frame["strategy"]):
                runs = frame[(frame["pair"] == pair) & (frame["strategy"] == name)]
                if name == _LWF:
                    columns[pair, task][name] = str(mean_interval(runs[task]))
                else:
                    columns[pair, task][name] = f"{Ordering(task, name, _LWF).difference(frame, pair):+}"
    import pandas as pd  # only here: it takes a third of a second

    table = pd.DataFrame(columns)
    table.columns = pd.MultiIndex.from_tuples(columns)
    return table.loc[[_LWF, *(name for name in table.index if name != _LWF)]]


def orderings() -> pd.DataFrame:
    """For each ordering, in how many of the paper's pairs and of ours (stored runs) it holds, with differences.

    A difference is better minus worse, in percentage points: mean ± 95% interval over the seeds. ✓: it holds, ✗: the
    opposite holds, ○: the interval contains zero, so five seeds can't decide.
    """
    frame, paper = stored_table().frame(), paper_table()
    rows = []
    for ordering in ORDERINGS:
        printed = paper.loc[ordering.better] - paper.loc[ordering.worse]
        printed = printed[printed.index.get_level_values(1) == ordering.task]
        held = (printed >= 0) if ordering.or_equal else (printed > 0)
        row = {"task": ordering.task, "statement": str(ordering), "held in the paper": f"{held.sum()} of {len(held)}"}
        differences = {pair: ordering.difference(frame, pair) for pair in PAIRS}
        for pair, difference in differences.items():
            sign = "○" if not difference.clear else "✓" if ordering.holds(difference) else "✗"
            # A number broken across two lines is hard to read.
            row[pair] = f"{sign} {difference:+}".replace(" ", "\N{NO-BREAK SPACE}")
        row["held here"] = f"{sum(map(ordering.holds, differences.values()))} of {len(PAIRS)}"
        clear = sum(ordering.holds(difference) and difference.clear for difference in differences.values())
        row["clearly"] = f"{clear} of {len(PAIRS)}"
        rows.append(row)
    import pandas as pd  # only here: it takes a third of a second

    return pd.DataFrame(rows)


def _text_keys(scores):
    return {f"{key:g}": value for key, value in scores.items()}


if __name__ == "__main__":
    STORED.parent.mkdir(exist_ok=True)
    with making(STORED, lambda text: print(text, flush=True)) as made:
        make(made.outcomes).save(STORED)
    print(f"saved: {STORED.name}")
