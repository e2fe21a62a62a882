"""A disk that is full, a file that may not grow, a folder that isn't there: a clear error, and the old file stays."""

import errno
import json
import os
import subprocess
import sys

import pytest

from tests.fuzz.dice import dice
from tests.plots.made_runs import made_run

pytestmark = pytest.mark.exhaustive

# Tries to write under a limit of the size of files, and says what came of it.
LIMITED = """
import json, resource, signal, sys
from pathlib import Path
from tests.plots.made_runs import made_run
from utils.files import write_whole
from utils.sweeps import Outcome, Sweep
from utils.tasks import write_cached

folder, what, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
run = made_run(updates=400, every=1)
write = {
    "run": lambda: run.save(folder / "file"),
    "sweep": lambda: Sweep.now([Outcome.from_run(run)] * 40, "none").save(folder / "file"),
    "text": lambda: write_whole(folder / "file", "x" * 100_000),
    "record": lambda: write_cached("record", b"x" * 100_000),
}[what]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    result = {"gave": str(write())}
except Exception as error:
    result = {"error": type(error).__name__, "errno": getattr(error, "errno", None), "text": str(error)}
print(json.dumps(result))
"""


@pytest.fixture
def write(tmp_path, project):
    """`write(what, limit)` writes in a process of its own, and gives what it said."""
    environment = os.environ | {"PYTHONPATH": str(project), "KERAS_HOME": str(tmp_path / "home")}

    def write(what, limit):
        command = [sys.executable, "-c", LIMITED, str(tmp_path), what, str(limit)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=project)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    return write


@pytest.mark.parametrize("what", ["run", "sweep", "text"])
def test_a_file_that_may_not_grow(write, tmp_path, what):
    random, tries = dice(4)
    for _ in range(tries):
        (tmp_path / "file").write_text("what was there before")
        result = write(what, random.randrange(0, 9_000))
        assert result["errno"] == errno.EFBIG and "file" in result["text"] and ".part" not in result["text"], result
        assert (tmp_path / "file").read_text() == "what was there before"
        assert not list(tmp_path.rglob(".*.part"))
    print(f"{what}: {tries} limits, the old file stays")


def test_a_record_that_cannot_be_kept_is_computed_again(write, tmp_path):
    assert write("record", 5_000) == {"gave": "False"}
    assert write("record", 10**7) == {"gave": "True"}
    assert write("record", 5_000) == {"gave": "False"}
    assert len(list(tmp_path.rglob("*.checked"))) == 1 and not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_full_disk(monkeypatch, tmp_path, code):
    from utils import files

    class Full:
        def __init__(self, *given):
            self.file = open(*given)  # noqa: SIM115

        def __enter__(self):
            return self

        def __exit__(self, *caught):
            self.file.close()

        def write(self, data):
            raise OSError(code, os.strerror(code))

    path = made_run().save(tmp_path / "run.json")
    before = path.read_bytes()
    monkeypatch.setattr(files, "open", Full, raising=False)
    with pytest.raises(OSError, match=os.strerror(code)) as caught:
        made_run(level=0.3).save(path)
    assert caught.value.errno == code and caught.value.filename == str(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["run.json"]
