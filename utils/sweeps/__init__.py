"""Many runs, for statements that rest on several seeds: made here and now, or by a command and stored."""

from utils.sweeps.outcome import Outcome, Sweep, sweep
from utils.sweeps.table1 import ORDERINGS, Ordering, paper_table, stored_table, table1_settings

__all__ = ["ORDERINGS", "Ordering", "Outcome", "Sweep", "paper_table", "stored_table", "sweep", "table1_settings"]
