"""A notebook's comfort: no notices of TensorFlow's among its outputs, and memory that goes back early.

In a notebook's kernel `import utils` switches it on. In other programs the import switches nothing on: what they write
and log is their own affair until they call `quiet()` or make a panel. How freed memory goes back is set when the first
engine is built.
"""

import contextlib
import functools
import gc
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator

from utils.memory import give_back_early


def switch_on_in_a_kernel() -> None:
    """Switch everything on if this is the kernel of a notebook: Jupyter's, VS Code's, Colab's or Voilà's.

    The variable TF_FORCE_GPU_ALLOW_GROWTH becomes "true" unless it's set, so that two notebooks fit one GPU.
    """
    if kernel_shell():
        quiet()
        give_back_early()
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # read when TensorFlow first looks for a GPU


def kernel_shell():
    """The IPython of this kernel: Jupyter's, VS Code's, Colab's or Voilà's; None in any other program."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell if hasattr(shell, "kernel") else None  # the IPython of a terminal has none


def quiet() -> None:
    """Have TensorFlow say nothing when it's imported, and log errors only; best before its first import.

    Its C++ side greets every process with a screenful of notices that a learner can't act upon. The engine traces one
    function for every depth of freezing, on purpose, which TensorFlow takes for an oversight and warns of.

    The variable TF_CPP_MIN_LOG_LEVEL becomes "3" unless it's set.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" in sys.modules:
        _log_errors_only()
    elif not any(isinstance(finder, _QuietFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _QuietFinder())


@contextlib.contextmanager
def without_retracing_warnings() -> Iterator[None]:
    """Around calls of a network outside a traced function: without a warning that its owner can't act upon.

    At each such call of a convolution in groups, Keras makes a new `tf.function`, of which TensorFlow warns from the
    fifth on. All other warnings come through, of the reader's own functions too.
    """

    def is_not_of_keras(record):  # one for each time, so that two at once don't take away each other's
        message = record.getMessage()
        return not ("retracing" in message and "conv.<locals>._conv_xla" in message)

    logger = logging.getLogger("tensorflow")
    logger.addFilter(is_not_of_keras)
    try:
        yield
    finally:
        logger.removeFilter(is_not_of_keras)


class _QuietFinder:
    """Finds TensorFlow as Python does, and keeps its import quiet."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            spec.loader.exec_module = functools.partial(_import_quietly, spec.loader.exec_module)
        return spec


def _import_quietly(execute, module):
    """Some notices come before any setting of TensorFlow's own is read (oneDNN being on, as it should be), so for the
    time of the import the file descriptor 2 leads nowhere. A failing import raises as usual.
    """
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        execute(module)
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
    _log_errors_only()
    gc.freeze()  # half a million objects that stay for good: each later collection, such as a panel's, passes over them


def _log_errors_only():
    sys.modules["tensorflow"].get_logger().setLevel("ERROR")
