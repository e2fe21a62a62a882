"""What the strategies cost beside fine-tuning: an update of each, measured in turns."""

from collections.abc import Iterator

from benchmarks.row import Row
from utils.sweeps.figure2 import measure

# Li & Hoiem (2016, 2018): feature extraction is fastest, joint training slowest, theirs a little slower
# than fine-tuning; and recording the old answers once makes an update of theirs cost next to nothing more.
_WANTED = {
    "feature extraction": ("below 1 ×", lambda ratio: ratio < 1),
    "learning without forgetting": ("at most 1.15 ×", lambda ratio: ratio <= 1.15),
    "joint training": ("the most of the three", None),
}


def rows() -> Iterator[Row]:
    """An update of each strategy against one of fine-tuning, batch 32, all layers that it trains."""
    costs = measure()
    ratios = {name: costs[name].training / costs["fine-tuning"].training for name in _WANTED}
    for name, (wanted, fits) in _WANTED.items():
        met = fits(ratios[name]) if fits else ratios[name] == max(ratios.values())
        yield Row(f"{name}, an update against one of fine-tuning", f"{ratios[name]:.2f} ×", wanted, met)
