"""The final weights of runs. Those of the newest runs are held, so that a run can give its trained network."""

import threading
import weakref

import numpy as np

MOST_BYTES = 100e6  # in all, for a machine with 1 GB; the newest weights are held in any case

_lock = threading.Lock()
_newest_last: list[weakref.ref] = []


class HeldWeights:
    """Weights that are held until newer ones need the memory.

    Attributes:
        values: The weights by layer, as `TransferModel.snapshot` gives them; None once they have been discarded.
    """

    def __init__(self, values: dict[str, list[np.ndarray]] | None):
        self.values = values
        if values is not None:
            with _lock:
                _newest_last.append(weakref.ref(self))
                _discard()

    def __reduce__(self):  # a run that is sent to another process leaves them here
        return HeldWeights, (None,)


def _discard():
    alive = [held for held in (ref() for ref in _newest_last) if held is not None and held.values is not None]
    _newest_last[:] = map(weakref.ref, alive)
    free = MOST_BYTES
    for number, held in enumerate(reversed(alive)):
        free -= sum(array.nbytes for arrays in held.values.values() for array in arrays)
        if number and free < 0:
            held.values = None
