"""Many runs, for statements that rest on several seeds: made here, by workers, or by a command and stored."""

from utils.sweeps.choice import Choice, GridPoint, choose
from utils.sweeps.depth import probes_by_block
from utils.sweeps.example import example_run
from utils.sweeps.figure2 import Costs, figure2, stored_costs
from utils.sweeps.outcome import Outcome, Sweep
from utils.sweeps.plan import grid
from utils.sweeps.reach import reach
from utils.sweeps.seeds import run_seeds
from utils.sweeps.subsets import subsets
from utils.sweeps.sweep import sweep
from utils.sweeps.table1 import ORDERINGS, Ordering, orderings, paper_table, stored_table, table1, table1_settings
from utils.sweeps.worker import WorkerError

__all__ = [
    "ORDERINGS",
    "Choice",
    "Costs",
    "GridPoint",
    "Ordering",
    "Outcome",
    "Sweep",
    "WorkerError",
    "choose",
    "example_run",
    "figure2",
    "grid",
    "orderings",
    "paper_table",
    "probes_by_block",
    "reach",
    "run_seeds",
    "stored_costs",
    "stored_table",
    "subsets",
    "sweep",
    "table1",
    "table1_settings",
]
