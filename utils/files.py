"""Writing files completely or not at all. What a killed process leaves behind is removed by the next try."""

import contextlib
import functools
import hashlib
import os
import platform
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from utils.checks import check_path

try:
    import fcntl
except ImportError:  # Windows, where age alone decides what is left over
    fcntl = None

_LONG = 24 * 3600  # seconds after which a scratch file counts as left over where locks can't tell
_MARK = "in use"  # the file in a scratch folder that is locked for as long as the folder is used


def write_whole(path: str | Path, data: bytes | str) -> None:
    """Write a file: whatever happens on the way, either all of it is there afterwards, or what was there before.

    Args:
        path: Its folder has to be there. What is there under this name is replaced.
        data: Text is written as UTF-8, with the ends of lines that it has.

    Raises:
        OSError: The file can't be written.
    """
    with whole_file(path) as file:
        file.write(data.encode("utf-8") if isinstance(data, str) else data)


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """As `write_whole`, for what comes piece by piece: an open file, in its place when the block ends without an error.

    It is written under a name of its own beside its place, then moved there. That name is random, since a number of
    the process isn't unique where containers share a folder, and a thread has none.
    """
    path = check_path("path", path)
    clear_left_over(path)
    temporary = _scratch_name(path)
    with contextlib.ExitStack() as held:
        try:
            with open(temporary, "xb") as file:  # readable as the umask says, unlike tempfile's files
                held.enter_context(_locked(temporary))
                yield file
            os.replace(temporary, path)
        except BaseException as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            if isinstance(error, OSError) and error.errno is not None:  # without the temporary name
                raise OSError(error.errno, f"{error.strerror}; nothing was written", str(path)) from error
            raise


@contextlib.contextmanager
def scratch_folder(path: str | Path) -> Iterator[Path]:
    """A folder beside `path`, in which what is to be moved there is made; it's removed when the block ends."""
    path = Path(path)
    clear_left_over(path)
    folder = _scratch_name(path)
    folder.mkdir()
    try:
        (folder / _MARK).touch()
        with _locked(folder / _MARK):
            (folder / _MARK).write_bytes(b"1")
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_left_over(path: str | Path) -> None:
    """Remove what processes that ended half-way have left beside `path` of the same work, and of this user.

    What is in use stays: it is locked. A lock that another machine holds may not show here, and some file systems know
    none: there, what was changed within a day stays. So does what is empty, since it may be about to be locked.
    """
    path = Path(path)
    with contextlib.suppress(OSError):
        for entry in path.parent.iterdir():
            if entry.name.startswith(_scratch_start(path)) and entry.name.endswith(".part"):
                with contextlib.suppress(OSError):
                    _remove_if_left_over(entry)


def _remove_if_left_over(entry):
    marked = entry / _MARK if entry.is_dir() else entry
    status = entry.stat()
    is_old = time.time() - status.st_mtime > _LONG
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        return
    if fcntl is None or not marked.is_file() or not marked.stat().st_size:
        if is_old:
            _remove(entry)
        return
    with open(marked, "rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_left = f"-{_machine()}-" in entry.name or is_old
        except BlockingIOError:
            is_left = False
        except OSError:  # no locks here
            is_left = is_old
        if is_left:
            _remove(entry)


def _remove(entry):
    shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()


@contextlib.contextmanager
def _locked(path):
    """Within the block, `path` shows that it's in use; the system ends that with the process, however it ends."""
    if fcntl is None:
        yield
        return
    number = os.open(path, os.O_RDWR)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared with readers that lock, as HDF5 does
        yield
    finally:
        os.close(number)


def _scratch_start(path):
    return f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}-"


def _scratch_name(path):
    return path.with_name(f"{_scratch_start(path)}{_machine()}-{uuid.uuid4().hex}.part")


@functools.cache
def _machine():
    """A name for this machine since it started: its containers share it, and the locks."""
    try:
        name = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        name = platform.node()
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
