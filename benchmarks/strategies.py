"""What the strategies cost beside fine-tuning: an update of each, measured in turns."""

from collections.abc import Iterator

import numpy as np

from benchmarks import kernels
from benchmarks.row import Row, side_by_side
from utils import load_pair
from utils.models import pretrained
from utils.sweeps.figure2 import measure

# Li & Hoiem (2016, 2018): feature extraction is fastest, joint training slowest, theirs a little slower
# than fine-tuning; and recording the old answers once makes an update of theirs cost next to nothing more.
_MOST = {"feature extraction": 1, "learning without forgetting": 1.1, "joint training": 1.6}
_UPDATES, _BATCH = 60, 32


def rows() -> Iterator[Row]:
    """An update of each strategy against one of fine-tuning, batch 32, all layers that it trains."""
    costs = measure()
    for name, most in _MOST.items():
        ratio = costs[name].training / costs["fine-tuning"].training
        note = f" (the gradients alone, of twice as many images: {_twice():.2f} ×)" if name == "joint training" else ""
        what = f"{name}, an update against one of fine-tuning"
        yield Row(what, f"{ratio:.2f} ×{note}", f"at most {most} ×", ratio <= most)


def _twice():
    """What the gradients of a batch of new images and one of old ones cost, by those of the new ones."""
    pair = load_pair("digits-drawings")
    model, x, y = pretrained(pair, "small_cnn"), pair.new.x_train, pair.new.y_train
    once, twice = (
        kernels.gradients(model, x, y, np.arange(_UPDATES * size).reshape(_UPDATES, size) % len(x))
        for size in (_BATCH, 2 * _BATCH)
    )
    one, two = side_by_side(once, twice)
    return two / one
