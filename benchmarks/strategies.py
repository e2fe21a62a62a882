"""What the strategies cost beside fine-tuning: an update of each, measured in turns."""

from collections.abc import Iterator

from benchmarks.row import Row
from utils.sweeps.figure2 import measure

# Li & Hoiem (2016, 2018): feature extraction is fastest, joint training slowest, theirs a little slower
# than fine-tuning; and recording the old answers once makes an update of theirs cost next to nothing more.
_MOST = {"feature extraction": 1, "learning without forgetting": 1.1, "joint training": 1.6}


def rows() -> Iterator[Row]:
    """An update of each strategy against one of fine-tuning, batch 32, all layers that it trains."""
    costs = measure()
    for name, most in _MOST.items():
        ratio = costs[name].training / costs["fine-tuning"].training
        what = f"{name}, an update against one of fine-tuning"
        yield Row(what, f"{ratio:.2f} ×", f"at most {most} ×", ratio <= most)
