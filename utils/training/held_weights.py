"""The weights with which runs ended. The newest are held, so that a run can give its trained network."""

import threading
import weakref

import numpy as np

MOST_BYTES = 100e6  # held at the same time, on a machine with 1 GB; the newest in any case

_lock = threading.Lock()
_newest_last: list[weakref.ref] = []


class HeldWeights:
    """Weights layer by layer, as `TransferModel.snapshot` gives them; None once newer ones needed the room."""

    def __init__(self, values: dict[str, list[np.ndarray]] | None):
        self.values = values
        if values is not None:
            with _lock:
                _newest_last.append(weakref.ref(self))
                _let_go()

    def __reduce__(self):  # a run that goes to another process leaves them here
        return HeldWeights, (None,)


def _let_go():
    alive = [held for held in (ref() for ref in _newest_last) if held is not None and held.values is not None]
    _newest_last[:] = map(weakref.ref, alive)
    room = MOST_BYTES
    for number, held in enumerate(reversed(alive)):
        room -= sum(array.nbytes for arrays in held.values.values() for array in arrays)
        if number and room < 0:
            held.values = None
