"""Which strategy is better than which: the statements of Li & Hoiem's Table 1 (TPAMI 2018), held against our runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from utils.checks import check_kind, check_one_of
from utils.measures import Spread, holm, mean_interval, paired_difference, paired_p_value
from utils.sweeps.table1 import PAIRS, paper_table, stored_table

if TYPE_CHECKING:
    import pandas as pd

CLEAR = 0.05  # the largest corrected p value with which a difference counts
HOLDS, UNDECIDED, REVERSED = "✓", "○", "✗"


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
        return paired_difference(*self._accuracies(frame, pair))

    def p_value(self, frame: pd.DataFrame, pair: str) -> float:
        """The p value of that difference, for this comparison alone."""
        return paired_p_value(*self._accuracies(frame, pair))

    def _accuracies(self, frame, pair):
        """Of both strategies, in the same order of the seeds."""
        import pandas as pd  # only here: it takes a third of a second

        check_kind("frame", frame, pd.DataFrame, "give the frame of a Sweep")
        if missing := {"pair", "seed", "strategy", self.task} - set(frame.columns):
            raise ValueError(f"frame has the columns {list(frame.columns)}: {sorted(missing)[0]!r} is missing.")
        check_one_of("pair", pair, sorted(set(frame["pair"])))
        of_pair = frame[frame["pair"] == pair].set_index("seed")
        better, worse = (of_pair[of_pair["strategy"] == name][self.task] for name in (self.better, self.worse))
        return better.to_numpy(), worse.reindex(better.index).to_numpy()


_FE, _FC, _FT, _LWF = "feature extraction", "fine-tune-FC", "fine-tuning", "learning without forgetting"
_TENTH, _JOINT, _L2 = "fine-tuning at a tenth of the rate", "joint training", "L2 to the start"
ORDERINGS = (
    Ordering("old", _FE, _JOINT, or_equal=True),
    Ordering("old", _JOINT, _LWF),
    Ordering("old", _LWF, _FT),
    Ordering("old", _LWF, _TENTH),
    Ordering("old", _LWF, _L2),
    Ordering("old", _FE, _FC),
    Ordering("old", _FC, _LWF),
    Ordering("new", _LWF, _FC),
    Ordering("new", _LWF, _FE),
    Ordering("new", _FC, _FE),
    Ordering("new", _FT, _FE),
    Ordering("new", _FT, _FC),
    Ordering("new", _FT, _TENTH),
)


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


def verdicts() -> dict[tuple[Ordering, str], str]:
    """For each ordering and pair of the stored runs: ✓ where it holds, ✗ where the opposite does, ○ where the seeds
    can't decide.

    The p values are corrected for the number of all these comparisons (Holm 1979): the probability that chance alone
    makes any of them clear is at most 5%.
    """
    frame = stored_table().frame()
    compared = [(ordering, pair) for ordering in ORDERINGS for pair in PAIRS]
    p_values = holm([ordering.p_value(frame, pair) for ordering, pair in compared])
    found = {}
    for (ordering, pair), p_value in zip(compared, p_values, strict=True):
        mean = ordering.difference(frame, pair).mean
        if p_value > CLEAR:
            found[ordering, pair] = HOLDS if ordering.or_equal and mean == 0 else UNDECIDED
        else:
            found[ordering, pair] = HOLDS if mean > 0 else REVERSED
    return found


def orderings() -> pd.DataFrame:
    """For each ordering: in how many of the paper's pairs it holds, and `verdicts` with the difference on each of ours.

    A difference is better minus worse, in percentage points: mean ± 95% interval over the seeds, for itself alone.
    """
    frame, paper, found = stored_table().frame(), paper_table(), verdicts()
    rows = []
    for ordering in ORDERINGS:
        row = {"task": ordering.task, "statement": str(ordering), "held in the paper": _held(ordering, paper)}
        for pair in PAIRS:
            # A number broken across two lines is hard to read.
            text = f"{found[ordering, pair]} {ordering.difference(frame, pair):+}"
            row[pair] = text.replace(" ", "\N{NO-BREAK SPACE}")
        rows.append(row)
    import pandas as pd  # only here: it takes a third of a second

    return pd.DataFrame(rows)


def _held(ordering, paper):
    if not {ordering.better, ordering.worse} <= {*paper.index}:
        return "not in its table"
    printed = paper.loc[ordering.better] - paper.loc[ordering.worse]
    printed = printed[printed.index.get_level_values(1) == ordering.task]
    held = (printed >= 0) if ordering.or_equal else (printed > 0)
    return f"{held.sum()} of {len(held)}"
