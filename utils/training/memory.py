"""Memory that was freed, given back to the system."""

import ctypes
import sys


def give_back_memory() -> None:
    """On Linux the C library keeps what was freed for later; a kernel on Binder has 1 GB in all. Elsewhere: nothing."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:  # it's glibc's own
        trim(0)
