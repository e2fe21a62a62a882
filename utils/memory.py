"""How much memory there is, and giving back what isn't needed anymore: a kernel on Binder has 1 GB in all."""

import contextlib
import functools
import gc
import os
import sys
from pathlib import Path

_LIBC = None
if sys.platform == "linux":
    with contextlib.suppress(ImportError, OSError):  # a Python without ctypes: nothing is given back early
        import ctypes

        _LIBC = ctypes.CDLL(None)
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # numbers of glibc's malloc.h
_DECIDED = "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"


@functools.cache  # once in a process
def give_back_early() -> None:
    """Have the C library keep two pools of freed memory, rather than eight for each core, and give back the rest.

    An update of the engine takes and frees some 14 MB, in blocks of 1 to 2 MB. They have to stay in a pool: given
    back and taken again, page by page, they cost a third of all speed on a virtual machine (33 updates per second
    instead of 47). What a pool holds goes back when a run is over (`give_back_freed_memory`). Called when the first
    engine is built; in a notebook's kernel before TensorFlow starts its threads, since threads that have pools keep
    them. Where glibc's own variables are set, they are left in charge.
    """
    if hasattr(_LIBC, "mallopt") and not any(name in os.environ for name in _DECIDED):
        _LIBC.mallopt(_MMAP_THRESHOLD, 32_000_000)
        _LIBC.mallopt(_TRIM_THRESHOLD, 64_000_000)
        _LIBC.mallopt(_ARENA_MAX, 2)


def give_back_memory() -> None:
    """Free what is no longer held, such as the graphs of models from cells before, and give it back: some 0.1 s."""
    gc.collect()
    give_back_freed_memory()


def give_back_freed_memory() -> None:
    """Give back what was freed already: on Linux the C library keeps it for later, unless it's told not to."""
    if hasattr(_LIBC, "malloc_trim"):  # other C libraries of Linux have none
        _LIBC.malloc_trim(0)


def available_memory(cgroup: Path = Path("/sys/fs/cgroup")) -> float:
    """Bytes that may still be taken. In a container (Binder) its limit counts, not the whole machine."""
    import psutil

    available = psutil.virtual_memory().available
    v1 = cgroup / "memory"
    for limit, used in (
        (cgroup / "memory.max", cgroup / "memory.current"),
        (v1 / "memory.limit_in_bytes", v1 / "memory.usage_in_bytes"),
    ):
        try:
            statistics = limit.with_name("memory.stat").read_text().split()
            given_back = int(statistics[statistics.index("inactive_file") + 1])  # cached files
            left = int(limit.read_text()) - int(used.read_text()) + given_back
        except (OSError, ValueError):  # no container, or one without a limit
            continue
        available = min(available, left)
    return float(available)
