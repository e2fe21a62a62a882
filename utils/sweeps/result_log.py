"""The results of many jobs in one file that only grows: a line for each, written as soon as the job has ended.

A process may be killed at any byte. Of the lines, at most the last is incomplete then, and it's dropped.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from utils.checks import check_path
from utils.messages import given
from utils.strategies import SettingsError
from utils.training.recorder import versions

try:
    import fcntl
except ImportError:  # Windows: two sweeps that write to one file at a time aren't noticed
    fcntl = None

FORMAT = 1


class ResultLog:
    """The results of jobs, by key, in a file. A context: within the block, the file is this process's alone.

    The first line says what the results depend on besides the job: the packages' versions.

    Args:
        path: The file; it's made if it isn't there, with its folder. None to keep results in memory only.
        check: Takes a result that was read, and raises where it isn't one.

    Raises:
        SettingsError: For a file that isn't such a log, or has results of other versions; it stays as it is.
        OSError: The file can't be read or written.
    """

    def __init__(self, path: str | Path | None, check: Callable[[dict], object] = dict):
        self.path = None if path is None else check_path("path", path)
        self.results: dict[str, dict] = {}
        self.damaged = 0  # lines that weren't results
        self._check = check
        self._file = None
        self._end = 0  # where the last whole line ends

    def __enter__(self):
        if self.path is None:
            return self
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, "a+b", buffering=0)  # noqa: SIM115 - closed when the block ends
        try:
            self._lock()
            self._read()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *error):
        if self._file is not None:
            self._file.close()

    def add(self, key: str, result: dict) -> None:
        """Write a result. What can't be written whole isn't there afterwards; what was there before stays."""
        line = _line({"key": key, "result": result})
        if self._file is not None:
            self._append(line)
        self.results[key] = json.loads(line)["result"]  # as it will be read: tuples are lists

    def _lock(self):
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"path={given(str(self.path))} is not allowed: another sweep is writing to this file; wait for its "
                "end, or give another path."
            ) from None
        except OSError:  # a file system without locks
            return

    def _read(self):
        self._file.seek(0)
        whole, _, rest = self._file.read().rpartition(b"\n")
        lines = whole.split(b"\n") if whole else []
        if not lines and not _line(_head()).startswith(rest):
            raise SettingsError(self._refusal("it isn't a file of a sweep"))
        if lines:
            self._check_head(lines[0])
            self._end = len(whole) + 1
        if rest:
            self._file.truncate(self._end)
        if not lines:
            self._append(_line(_head()))
        for line in lines[1:]:
            self._take(line)

    def _check_head(self, line):
        try:
            head = json.loads(line)
            made_by = head["format"], head["versions"]
        except (ValueError, TypeError, KeyError):
            raise SettingsError(self._refusal("it isn't a file of a sweep")) from None
        here = FORMAT, versions()
        if made_by != here:
            raise SettingsError(
                self._refusal(f"its runs were made by {_words(*made_by)}, and here are {_words(*here)}")
            )

    def _refusal(self, why):
        return f"path={given(str(self.path))} is not allowed: {why}; give another path, or remove the file."

    def _take(self, line):
        try:
            values = json.loads(line)
            key, result = values["key"], values["result"]
            self._check(result)
        except (ValueError, TypeError, KeyError):  # `SettingsError` is a ValueError
            self.damaged += 1
            return
        self.results[key] = result

    def _append(self, line):
        try:
            written = self._file.write(line)
            if written < len(line):  # the disk is full: the rest, or the reason
                self._file.write(line[written:])
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(self._end)
            reason = f"{error.strerror}; the {len(self.results)} results before are kept"
            raise OSError(error.errno, reason, str(self.path)) from error
        self._end += len(line)


def _line(values):
    return json.dumps(values, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _head():
    return {"format": FORMAT, "versions": versions()}


def _words(number, packages):
    listed = ", ".join(f"{name} {version}" for name, version in packages.items()) if isinstance(packages, dict) else "?"
    return f"format {number} with {listed}"
