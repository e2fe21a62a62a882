"""Writing files whole: a reader never finds half of one."""

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from utils.checks import check_path


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


def write_with_record(path: Path, data: bytes, record: dict) -> None:
    """Write weights, `path` with the suffix .npz, and beside them as JSON how they came about."""
    write_whole(path.with_suffix(".npz"), data)
    write_whole(path.with_suffix(".json"), json.dumps(record, indent=1) + "\n")


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """As `write_whole`, for what comes piece by piece: an open file, in its place when the block ends without an error.

    It is written under a name of its own beside its place, then moved there. That name is random, since a number of
    the process isn't unique where containers share a folder, and a thread has none.
    """
    path = check_path("path", path)
    temporary = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with open(temporary, "xb") as file:  # readable as the umask says; tempfile's files are for their owner alone
            yield file
        os.replace(temporary, path)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, f"{error.strerror}; nothing was written", str(path)) from error  # no temporary name
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
