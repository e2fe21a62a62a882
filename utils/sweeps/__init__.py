"""Many runs, for statements that rest on several seeds: made here, by workers, or by a command and stored."""

from utils.sweeps.choice import Choice, GridPoint, choose
from utils.sweeps.claims import ORDERINGS, Ordering, orderings, table1
from utils.sweeps.compared import compare
from utils.sweeps.depth import probes_by_block
from utils.sweeps.example import example_run
from utils.sweeps.figure2 import Costs, figure2, stored_costs
from utils.sweeps.outcome import Outcome, Sweep
from utils.sweeps.plan import grid
from utils.sweeps.reach import reach
from utils.sweeps.recorded import savings
from utils.sweeps.seeds import run_seeds
from utils.sweeps.subsets import subsets
from utils.sweeps.sweep import sweep
from utils.sweeps.table1 import paper_table, stored_table, stored_trials, table1_settings
from utils.sweeps.trade_offs import kept_more, trade_offs
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
    "compare",
    "example_run",
    "figure2",
    "grid",
    "kept_more",
    "orderings",
    "paper_table",
    "probes_by_block",
    "reach",
    "run_seeds",
    "savings",
    "stored_costs",
    "stored_table",
    "stored_trials",
    "subsets",
    "sweep",
    "table1",
    "table1_settings",
    "trade_offs",
]
