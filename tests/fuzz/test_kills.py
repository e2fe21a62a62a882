"""A process that writes files is killed at random moments: each file is whole afterwards, or not there."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.fuzz.dice import dice
from utils.tasks import read_cached
from utils.training import Run

pytestmark = pytest.mark.exhaustive

# Writes without end: a run under two names in turn, a cached record, and text; says so once it has begun.
WRITER = """
import sys
from pathlib import Path
from tests.plots.made_runs import made_run
from utils.files import write_whole
from utils.sweeps import Outcome, Sweep
from utils.tasks import write_cached

folder, number = Path(sys.argv[1]), 0
runs = [made_run(updates=400, every=1, level=level) for level in (0.3, 0.6)]
print("ready", flush=True)
while True:
    number += 1
    runs[number % 2].save(folder / "run.json")
    runs[number % 2].save(folder / f"run-{number % 7}.json")
    Sweep.now([Outcome.from_run(run) for run in runs] * 40, "none").save(folder / "sweep.json")
    write_cached("record", bytes([number % 256]) * 3_000_000)
    write_whole(folder / "text", f"{number}\\n" * 200_000)
"""


def test_killed_while_it_writes(tmp_path, project, monkeypatch):
    random, kills = dice(20)
    home = tmp_path / "home"
    monkeypatch.setenv("KERAS_HOME", str(home))
    environment = os.environ | {"PYTHONPATH": str(project), "KERAS_HOME": str(home)}
    seen = left = 0
    for _ in range(kills):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        writer = subprocess.Popen(command, env=environment, cwd=project, **quiet)
        try:
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(random.uniform(0, 0.4))
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        for path in tmp_path.glob("*.json"):
            seen += 1
            if path.name == "sweep.json":
                assert len(json.loads(path.read_text())["outcomes"]) == 80
            else:
                assert Run.load(path).updates == 400
        record = read_cached("record")
        assert record is None or (len(record) == 3_000_000 and len(set(record)) == 1)
        if (tmp_path / "text").exists():
            lines = (tmp_path / "text").read_text().split("\n")
            assert len(lines) == 200_001 and len(set(lines[:-1])) == 1
            seen += 1
        left = len(list(tmp_path.rglob(".*.part")))
    print(f"{kills} kills, {seen} files looked at, all whole; {left} unfinished temporary files beside them")
    assert seen


def test_killed_while_a_checkpoint_is_made(tmp_path, project):
    """The next process makes it, or reads it: never half of it."""
    random, kills = dice(6)
    environment = os.environ | {"PYTHONPATH": str(project), "KERAS_HOME": str(tmp_path)}
    made = "from utils import pretrained; print(len(pretrained('digits-halves', 'small_resnet').blocks))"
    for _ in range(kills):
        maker = subprocess.Popen([sys.executable, "-c", made], env=environment, cwd=project, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)  # fmt: skip
        time.sleep(random.uniform(1, 14))
        maker.send_signal(signal.SIGKILL)
        maker.wait()
    done = subprocess.run([sys.executable, "-c", made], env=environment, cwd=project, capture_output=True, text=True)
    assert done.stdout.split() == ["4"], done.stderr[-2000:]
    print(f"{kills} kills, then whole")
