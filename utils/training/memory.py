"""Memory that isn't needed any more, given back to the system: a kernel on Binder has 1 GB in all."""

import ctypes
import gc
import sys


def give_back_memory() -> None:
    """Free what nobody holds, such as the graphs of models from cells before, and give it back: some 0.1 s."""
    gc.collect()
    give_back_freed_memory()


def give_back_freed_memory() -> None:
    """Give back what was freed already: on Linux the C library keeps it for later, unless it's told not to."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:  # it's glibc's own
        trim(0)
