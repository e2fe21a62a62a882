"""The workers of a Dask cluster do the jobs. Dask is an extra: `pip install -e ".[cluster]"`."""

import queue
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from utils.messages import given, reason
from utils.strategies import SettingsError
from utils.sweeps.worker import Ended, Work, WorkerError, attempt_in_worker, check_versions, here, prepare_worker

_SECONDS = 5  # in which a scheduler answers
_WITHOUT_WORKERS = 60  # seconds without any, after which the jobs are given up
_AT_ONCE = 2000  # jobs that the scheduler has at a time


@dataclass(frozen=True)
class Cluster:
    """The workers of a Dask cluster.

    Attributes:
        client: A `dask.distributed.Client`, as `connect` gives it.
    """

    client: object

    def finish(self, work: Work, jobs: Sequence[dict]) -> Iterator[Ended]:
        """Do all jobs; another worker repeats what a worker that dies was doing.

        Raises:
            WorkerError: Where a worker has other versions, or no worker is left.
        """
        check_workers(self.client)
        done, numbers, sent = queue.SimpleQueue(), {}, iter(enumerate(jobs))
        batch = uuid.uuid4().hex[:8]

        def send():
            number, job = next(sent, (None, None))
            if job is not None:
                future = self.client.submit(attempt_in_worker, work, job, here(), key=f"run-{batch}-{number}")
                numbers[future.key] = number, future
                future.add_done_callback(lambda future: done.put(future.key))

        try:
            for _ in range(_AT_ONCE):
                send()
            while numbers:
                number, future = numbers.pop(self._next(done))
                yield Ended(number, *_outcome(future))
                send()
        finally:
            self.client.cancel([future for _, future in numbers.values()])

    def _next(self, done):
        """The key of the next job that has ended."""
        last_seen = time.monotonic()
        while True:
            try:
                return done.get(timeout=1)
            except queue.Empty:
                if _count(self.client):
                    last_seen = time.monotonic()
                elif time.monotonic() - last_seen > _WITHOUT_WORKERS:
                    raise WorkerError(
                        f"client: for {_WITHOUT_WORKERS} seconds the cluster has had no worker. What is done is kept: "
                        "start workers, and call again."
                    ) from None


def connect(client):
    """A client, given one or the address of a scheduler.

    Raises:
        SettingsError: For anything else, where Dask isn't installed, and where no scheduler answers within seconds.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        wanted = f'it needs Dask ({error}): pip install -e ".[cluster]" in the project\'s folder'
        raise SettingsError(f"client={given(client)} is not allowed: {wanted}.") from None
    if isinstance(client, Client):
        return client
    if not isinstance(client, str):
        raise SettingsError(f"client={given(client)} is not allowed: give a dask.distributed.Client, or its address.")

    class SweepClient(Client):
        """A client that closes itself where it can't connect.

        The garbage collector would close it otherwise, perhaps while the next client starts, in the same thread: then
        closing would wait forever for a lock that starting holds.
        """

        def __init__(self, address):
            try:
                super().__init__(address, timeout=_SECONDS, set_as_default=False)
            except BaseException:
                self.close()
                raise

    try:
        return SweepClient(client)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"client={given(client)} is not allowed: no scheduler answers there ({reason(error)}); start one with "
            "`dask scheduler`, and give the address that it prints."
        ) from None


def check_workers(client) -> None:
    """See that there are workers, and that each has the project and the same versions.

    Raises:
        WorkerError: The message names the worker, and what differs.
    """
    if not _count(client):
        raise WorkerError("client: the cluster has no workers: start one with `dask worker ADDRESS --nthreads 1`.")
    found = client.run(_versions_of_worker, on_error="return")
    for address, versions in found.items():
        if isinstance(versions, ModuleNotFoundError):
            raise WorkerError(f"worker {address} can't find this project ({versions}): install it there.")
        if isinstance(versions, BaseException):
            raise WorkerError(f"worker {address} can't do these jobs: {reason(versions)}") from versions
        check_versions(versions, here(), f"worker {address}")


def _versions_of_worker():
    prepare_worker()
    return here()


def _count(client):
    try:
        return len(client.scheduler_info(n_workers=-1)["workers"])
    except (OSError, KeyError):
        return 0


def _outcome(future):
    """The result and the error of a job that has ended, however it ended."""
    try:
        return future.result()
    except WorkerError:  # one that joined later; all its jobs would fail
        raise
    except Exception as error:  # its workers have died, or Dask has given it up
        return None, reason(error)
