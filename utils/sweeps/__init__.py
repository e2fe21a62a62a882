"""Many runs, for statements that rest on several seeds: made here and now, or by a command and stored."""

from utils.sweeps.choice import Choice, choose
from utils.sweeps.example import example_run
from utils.sweeps.figure2 import Costs, figure2, stored_costs
from utils.sweeps.outcome import Outcome, Sweep, sweep
from utils.sweeps.reach import reach
from utils.sweeps.seeds import run_seeds
from utils.sweeps.table1 import ORDERINGS, Ordering, orderings, paper_table, stored_table, table1, table1_settings

__all__ = [
    "ORDERINGS",
    "Choice",
    "Costs",
    "Ordering",
    "Outcome",
    "Sweep",
    "choose",
    "example_run",
    "figure2",
    "orderings",
    "paper_table",
    "reach",
    "run_seeds",
    "stored_costs",
    "stored_table",
    "sweep",
    "table1",
    "table1_settings",
]
