"""The reader's own network as a backbone and an old head: checked, cut where one tensor passes, grouped."""

from utils.models.own.adopt import Adopted, adopt, load_own
from utils.models.own.grouping import MOST_BLOCKS

__all__ = ["MOST_BLOCKS", "Adopted", "adopt", "load_own"]
