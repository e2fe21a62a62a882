"""The data that ship with the project: what is read is what was published, or a clear error.

One file, `utils/shipped.json`, has the SHA-256 of each of them. Commands that make shipped files again enter these
there; after any other change, a merge for example, so does

    python -m utils.shipped
"""

import hashlib
import json
import threading
from pathlib import Path

from utils.files import write_whole

UTILS = Path(__file__).parent  # not resolved, like the paths of those who ask
COMMAND = "python -m utils.shipped"
_lock = threading.Lock()
_checked: dict[Path, tuple[int, int]] = {}  # files that were right: when they were changed last, and their size


class ShippedFileError(ValueError):
    """A file that ships with the project is missing or altered. The message names it, and says what to do."""


def read_shipped(path: Path) -> bytes:
    """The content of a file, compared with what was published if it's one of the project's.

    A file is hashed once per process, and again where it has been changed since.

    Raises:
        ShippedFileError: For a file of the project's that is missing or altered.
        OSError: For any other file that can't be read.
    """
    digest = digests().get(_name(path))
    try:
        status, data = path.stat(), path.read_bytes()
    except FileNotFoundError:
        if digest is None:
            raise
        raise ShippedFileError(_advice(path, "is missing")) from None
    if digest is not None and _checked.get(path) != (status.st_mtime_ns, status.st_size):
        if _sha256(data) != digest:
            raise ShippedFileError(_advice(path, "isn't the file that ships with this project"))
        _checked[path] = status.st_mtime_ns, status.st_size
    return data


def read_shipped_text(path: Path) -> str:
    """The same as text, which is stored as UTF-8."""
    return read_shipped(path).decode("utf-8")


def write_shipped(path: Path, data: bytes | str) -> None:
    """Write a file as `write_whole` does, and enter it in the manifest if it's one of the project's."""
    write_whole(path, data)
    if _name(path):
        with _lock:
            _write(digests() | {_name(path): _sha256(path.read_bytes())})


def write_with_record(path: Path, data: bytes, record: dict) -> None:
    """Write weights, `path` with the suffix .npz, and beside them as JSON how they came about."""
    write_shipped(path.with_suffix(".npz"), data)
    write_shipped(path.with_suffix(".json"), json.dumps(record, indent=1) + "\n")


def shipped_files() -> list[Path]:
    """All data files that ship: what lies in folders named "shipped" and "stored"."""
    folders = (folder for name in ("shipped", "stored") for folder in UTILS.glob(f"*/{name}"))
    return sorted(file for folder in folders for file in folder.iterdir() if _name(file))


def digests() -> dict[str, str]:
    """The SHA-256 of each file, in hexadecimal, by its path below `utils`."""
    manifest = _manifest()
    try:
        return json.loads(manifest.read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ShippedFileError(_advice(manifest, "is missing or damaged")) from None


def renew() -> None:
    """Enter every file that ships, as it is now, in the manifest."""
    with _lock:
        _write({_name(file): _sha256(file.read_bytes()) for file in shipped_files()})


def _write(sums):
    write_whole(_manifest(), json.dumps({"command": COMMAND, "sha256": dict(sorted(sums.items()))}, indent=1) + "\n")


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


def _manifest():
    return UTILS / "shipped.json"


def _name(path):
    """The path below `utils` of a file that ships; "" for all others, hidden ones and unfinished ones."""
    path = Path(path)
    in_its_place = path.parent.name in ("shipped", "stored") and path.parent.parent.parent == UTILS
    return path.relative_to(UTILS).as_posix() if in_its_place and not _is_unfinished(path.name) else ""


def _is_unfinished(name):
    return name.startswith(".") or ".partial." in name


def _advice(path, what):
    place = f"utils/{path.relative_to(UTILS).as_posix()}"
    return (
        f"{place} {what}: restore it with `git checkout -- {place}` in the project's folder, or download the project "
        "again."
    )


if __name__ == "__main__":
    renew()
    print(f"{len(shipped_files())} files are entered in {_manifest().name}")
