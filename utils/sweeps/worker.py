"""What happens in a worker: a process that does jobs for another. A job and its result are plain values, for JSON."""

import hashlib
import os
import platform
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import utils
from utils.comfort import quiet
from utils.frameworks import tf
from utils.messages import reason
from utils.process import check_keras
from utils.training.recorder import versions

_WATCH_SECONDS = 1
Work = Callable[[dict], dict]  # a function of a module, so that another process can find it by its name


class WorkerError(RuntimeError):
    """A worker can't do the jobs as they'd be done here. The message names it, and says what to do."""


@dataclass(frozen=True)
class Ended:
    """The end of a job.

    Attributes:
        number: Which of the jobs, from 0.
        result: What it gave; None where it failed.
        error: Why it failed, in words; "" where it didn't.
    """

    number: int
    result: dict | None
    error: str = ""


def attempt(work: Work, job: dict) -> tuple[dict | None, str]:
    """Do a job: its result and "", or None and the error in words."""
    try:
        return work(job), ""
    except Exception as error:  # a run may fail in any way, and the others go on
        return None, reason(error)


def attempt_in_worker(work: Work, job: dict, expected: dict[str, str]) -> tuple[dict | None, str]:
    """`attempt` in a worker, with one thread, as everywhere, since the last bits depend on their number.

    Raises:
        WorkerError: Where this worker has other versions than expected, or other threads.
    """
    prepare_worker()
    check_versions(here(), expected, f"a worker on {platform.node()} (process {os.getpid()})")
    return attempt(work, job)


def end_with_parent() -> None:
    """Have this process end once its parent is gone, as after a kernel's restart: it would wait for jobs forever."""
    parent = os.getppid()

    def watch():
        while _is_there(parent):
            time.sleep(_WATCH_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)  # jobs under way end, too: nobody is left to take their results

    threading.Thread(target=watch, name="ends with its parent", daemon=True).start()


def _is_there(parent):
    if os.name == "posix":
        return os.getppid() == parent  # orphans get another one
    import psutil

    return psutil.pid_exists(parent)


@cache
def prepare_worker() -> None:
    """Let TensorFlow use one thread: a worker for each core is faster than one for all.

    Raises:
        WorkerError: Where TensorFlow began with more, or Keras computes otherwise than usual.
    """
    quiet()
    check_keras()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what interrupts a notebook reaches its children, too
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError as error:
        raise WorkerError(f"TensorFlow was used in this worker before ({error}): start one for these jobs.") from None


@cache
def here() -> dict[str, str]:
    """What results depend on besides the job: the packages' versions, and a digest of the project's code."""
    return {"freeze-and-unfreeze": f"{_project_version()} (code {_code_digest()})"} | versions()


def check_versions(found: dict[str, str], expected: dict[str, str], who: str) -> None:
    """A `WorkerError` that names each package whose version differs, unless all are the same."""
    other = [name for name in {**expected, **found} if found.get(name) != expected.get(name)]
    if other:
        listed = "; ".join(f"{name} {found.get(name, '–')} there, {expected.get(name, '–')} here" for name in other)
        raise WorkerError(f"{who} has other versions, which may give other numbers: {listed}. Install the same there.")


def _project_version():
    try:
        return version("freeze-and-unfreeze")
    except ImportError:  # used from its folder, without being installed
        return "–"


def _code_digest():
    root = Path(utils.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]
