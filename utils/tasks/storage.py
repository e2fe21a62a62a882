"""Files that are made once and stored in Keras's home, written as a whole, and checked whenever they are read."""

import contextlib
import hashlib
import os
import re
import warnings
from functools import lru_cache
from pathlib import Path

from utils.checks import check_kind, check_path
from utils.files import write_whole
from utils.process import keras_home as home
from utils.process import spare_home

FOLDER = "freeze-and-unfreeze"


def writable_home() -> Path:
    """Keras's home folder, made if necessary; where it can't be written, the folder that Keras uses instead."""
    with contextlib.suppress(OSError):
        home().mkdir(parents=True, exist_ok=True)
    return home() if os.path.isdir(home()) and os.access(home(), os.W_OK) else spare_home()


def sha256(source: bytes | str | os.PathLike) -> str:
    """SHA-256, in hexadecimal, of bytes or of the file at a path. OSError where it can't be read."""
    if isinstance(source, bytes | bytearray | memoryview):
        return hashlib.sha256(source).hexdigest()
    with open(check_path("source", source), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached_path(name: str) -> Path:
    """The path of the record of this name. ValueError unless the name has only letters, digits and . _ -"""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name):
        raise ValueError(f"name={name!r} is not allowed: use letters, digits, '.', '_' and '-'.")
    return home() / FOLDER / f"{name}.checked"


def write_cached(name: str, data: bytes) -> bool:
    """Store data under a name, in place of what was there.

    The record is one file: the SHA-256 of the data in hexadecimal, a newline, the data. A reader or a second writer
    never sees half of it.

    Returns:
        Whether the folder can be written. Where it can't be, the first failure in this process warns of it.
    """
    path = cached_path(name)
    check_kind("data", data, (bytes, bytearray, memoryview), "give bytes")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, b"%s\n%s" % (sha256(data).encode(), data))
    except OSError as error:
        _warn_once(str(path.parent), error.strerror)
        return False
    return True


@lru_cache(maxsize=8)
def _warn_once(folder, reason):
    warnings.warn(
        f"{folder} can't be written ({reason}), so what is computed here isn't kept for next time: set the environment "
        "variable KERAS_HOME to a folder that can be, and restart the kernel.",
        stacklevel=3,
    )


def read_cached(name: str) -> bytes | None:
    """The data stored under a name; None where there is none, or where it has been altered."""
    try:
        record = cached_path(name).read_bytes()
    except OSError:
        return None
    digest, _, data = record.partition(b"\n")
    return data if digest == sha256(data).encode() else None
