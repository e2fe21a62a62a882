"""A sweep whose process is killed at random moments, and started again each time, ends with the same table."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.sweeps.killed_sweep import PLAN, SEEDS
from tests.waiting import wait_until
from utils.sweeps import sweep

pytestmark = pytest.mark.exhaustive

KILLS = 20


def test_twenty_kills_change_nothing(tmp_path):
    seed = int(os.environ.get("FUZZ_SEED", random.randrange(10**6)))
    print(f"seed {seed}")
    draw, path, counts = random.Random(seed), tmp_path / "runs.jsonl", []
    while len(counts) < KILLS:
        process = subprocess.Popen([sys.executable, "-m", "tests.sweeps.killed_sweep", path], start_new_session=True)
        before, began = _lines(path), time.monotonic()
        while _lines(path) == before and process.poll() is None and time.monotonic() - began < 120:
            time.sleep(0.02)  # until it has made a run, so that there is something to lose
        time.sleep(draw.uniform(0, 0.2))
        os.killpg(process.pid, signal.SIGKILL)  # with its workers
        process.wait()
        counts.append(_lines(path))
        if counts[-1] == 1 + len(PLAN) * len(SEEDS):
            with open(path, "rb+") as file:  # it was done: begin again with some runs and half a line
                file.truncate(draw.randrange(path.stat().st_size // 2))
    print(f"lines after each kill: {counts}")
    frame = sweep(PLAN, SEEDS, processes=2, path=path)
    undisturbed = sweep(PLAN, SEEDS, processes=1, path=tmp_path / "undisturbed.jsonl")
    assert len(frame) == len(PLAN) * len(SEEDS) and set(frame["error"]) == {""}
    assert frame.drop(columns="seconds").equals(undisturbed.drop(columns="seconds"))


def test_workers_end_with_the_process_that_started_them(tmp_path):
    """As after a kernel's restart, which kills the kernel alone: its workers would keep their memory."""
    path = tmp_path / "runs.jsonl"
    process = subprocess.Popen([sys.executable, "-m", "tests.sweeps.killed_sweep", path], start_new_session=True)
    try:
        wait_until(lambda: _lines(path) > 1, 120)
        workers = psutil.Process(process.pid).children(recursive=True)
        assert len(workers) >= 2
        process.kill()
        process.wait()
        _, alive = psutil.wait_procs(workers, timeout=60)
        assert not alive
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0
