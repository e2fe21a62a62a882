"""Jobs for the tests of who does them; in a module, so that workers find them."""

import os
import signal
from pathlib import Path

from utils.frameworks import tf


def doubled(job: dict) -> dict:
    """Twice a number; -1 fails, and -2 kills its process, the first time only if it's given a file to note that."""
    if job["number"] == -1:
        raise ValueError("number: -1 can't be doubled")
    if job["number"] == -2 and not ("once" in job and Path(job["once"]).exists()):
        if "once" in job:
            Path(job["once"]).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"doubled": 2 * job["number"], "process": os.getpid()}


def threads(job: dict) -> dict:
    """With how many threads TensorFlow computes in this process."""
    return {"threads": tf.config.threading.get_intra_op_parallelism_threads()}
