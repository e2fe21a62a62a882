"""Keras and TensorFlow, imported when something of theirs is first used.

They take seconds. So a panel is made and seen without them, and they are imported while the reader looks at it.
"""

import atexit
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from utils.comfort import kernel_shell

_HEAD_START = 0.3  # seconds for what a cell shows to reach the page: an import keeps other threads waiting
_loading = threading.RLock()  # whoever needs them meanwhile waits
_tried = threading.Event()
_modules: dict[str, object] = {}
_ends: set[Callable[[], None]] = set()
_scheduled = False


def load() -> None:
    """Import both now, or wait until another thread has imported them."""
    with _loading:
        try:
            if not _modules:
                _modules.update({name: import_module(name) for name in ("tensorflow", "keras", "keras.layers")})
                for function in _ends:
                    at_exit(function)
        finally:
            _tried.set()


def at_exit(function: Callable[[], None]) -> Callable[[], None]:
    """Call a function when Python ends, before TensorFlow's own end: what was registered last is called first."""
    _ends.add(function)
    atexit.unregister(function)
    return atexit.register(function)


def load_after_this_cell() -> bool:
    """In a notebook's kernel, import both in the background once the running cell has ended; later cells wait for it.

    No code of a reader's runs meanwhile: where two threads import parts of one package, both may fail.

    Returns:
        Whether they are imported, or will be; False outside a kernel, where `load` may be called at once.
    """
    global _scheduled
    events = getattr(kernel_shell(), "events", None)
    if not is_loaded() and not _scheduled and events is not None:
        _scheduled = True
        events.register("post_run_cell", _in_background)
        events.register("pre_run_cell", _before_a_cell)
    return is_loaded() or _scheduled


def wait() -> None:
    """Wait until an import has been tried, by whichever thread; a failure is met where they are first used."""
    _tried.wait()


def is_loaded() -> bool:
    """Whether both are imported, so that nothing here waits for them anymore."""
    return bool(_modules)


def _in_background(result):
    kernel_shell().events.unregister("post_run_cell", _in_background)
    threading.Thread(target=_load_if_possible, name="import TensorFlow", daemon=True).start()


def _before_a_cell(info):
    kernel_shell().events.unregister("pre_run_cell", _before_a_cell)
    wait()


def _load_if_possible():
    time.sleep(_HEAD_START)
    with contextlib.suppress(Exception):
        load()


class _Later:
    """A module that is imported when the first of its attributes is looked up."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        if not _modules:
            load()
        return getattr(_modules[self._name], attribute)

    def __repr__(self):
        return f"<{self._name}, imported when it is first used>"


def names_later(room: str, homes: dict[str, str]) -> tuple[Callable, Callable]:
    """`__getattr__` and `__dir__` of a room with names that are imported when they are first used.

    They belong to subclasses of Keras's classes, whose files can't be imported without Keras.

    Args:
        room: The room's `__name__`.
        homes: The file of the room for each name.
    """
    known = vars(sys.modules[room])

    def find(name):
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(f"{room}.{homes[name]}"), name)

    return find, lambda: [*known, *homes]


if TYPE_CHECKING:
    import keras
    import tensorflow as tf
    from keras import layers
else:
    keras, layers, tf = _Later("keras"), _Later("keras.layers"), _Later("tensorflow")
