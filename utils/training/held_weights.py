"""The weights with which runs ended. The newest are held, so that a run can give its trained network."""

import threading
import weakref

import numpy as np

MOST_BYTES = 100e6  # held at the same time, on a machine with 1 GB; the newest in any case

_lock = threading.Lock()
_newest_last: list[weakref.ref] = []


class HeldWeights:
    """Weights layer by layer, as `TransferModel.snapshot` gives them; None once newer ones needed the room."""

    def __init__(self, values: dict[str, list[np.ndarray]]):
        self.values: dict[str, list[np.ndarray]] | None = values
        with _lock:
            _newest_last.append(weakref.ref(self))
            _let_go()


def _let_go():
    _newest_last[:] = [ref for ref in _newest_last if ref() is not None and ref().values is not None]
    room = MOST_BYTES
    for number, held in enumerate(ref() for ref in reversed(_newest_last)):
        room -= 0 if held is None else sum(array.nbytes for arrays in held.values.values() for array in arrays)
        if number and room < 0 and held is not None:
            held.values = None
