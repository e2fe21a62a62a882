"""Memory that isn't needed any more, given back to the system."""

import ctypes
import gc
import sys


def give_back_memory() -> None:
    """Free what nobody holds, such as the graphs of models from cells before: a kernel on Binder has 1 GB in all.

    On Linux the C library keeps for later what was freed, unless it's told not to.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:  # it's glibc's own
        trim(0)
