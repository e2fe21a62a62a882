"""The files of a folder of pictures."""

from pathlib import Path

import numpy as np

from .picture import ENDINGS

_UNREAD_ENDINGS = (".avif", ".heic", ".heif", ".psd", ".raw", ".svg")


def files_of(folder: Path, endings: tuple[str, ...] = ENDINGS) -> list[Path]:
    """The picture files of a class, also in deeper folders."""

    def is_hidden(path):
        return any(part.startswith(".") for part in path.relative_to(folder).parts)

    paths = (path for path in folder.rglob("*") if path.suffix.lower() in endings and not is_hidden(path))
    return sorted(path for path in paths if path.is_file())


def unread(folder: Path) -> list[Path]:
    """Pictures of a class of a kind that isn't read."""
    return files_of(folder, _UNREAD_ENDINGS)


def folders(folder: Path) -> list[Path]:
    """The folders inside, without hidden ones."""
    return [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]


def spread(paths: list[Path], most: int | None) -> list[Path]:
    """At most this many of the files, evenly chosen; all of them for None."""
    if most is None or len(paths) <= most:
        return paths
    return [paths[i] for i in np.linspace(0, len(paths) - 1, most).astype(int)]
