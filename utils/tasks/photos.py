"""Collections of photographs: flowers, and cats and dogs. Downloaded once, checked, unpacked safely, and stored."""

import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from utils.checks import check_path, check_whole_number
from utils.files import scratch_folder

from .download import DownloadError, announce, fetch, unreachable
from .folder import MOST_SIDE, Pictures, pictures_from_folder
from .picture import ENDINGS, LARGEST_FILE
from .storage import FOLDER, home, sha256, spare_home, writable_home

_INSTEAD = "patches('new'), which need no download"


@dataclass(frozen=True)
class PhotoSet:
    """A collection on the network.

    Attributes:
        url: The archive, a .tgz or a .zip file.
        sha256: The archive's SHA-256.
        megabytes: The archive's size.
        inside: The folder in the archive that has one folder per class.
        description: What it shows, and its license.
    """

    url: str
    sha256: str
    megabytes: int
    inside: str
    description: str


PHOTO_SETS = {
    "flowers": PhotoSet(
        "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
        "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
        229,
        "flower_photos",
        "3,670 photos of five flowers, of TensorFlow's tutorials (The TensorFlow Team, 2019; CC BY 2.0)",
    ),
    "cats and dogs": PhotoSet(
        "https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/kagglecatsanddogs_5340.zip",
        "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",
        825,
        "PetImages",
        "25,000 photos of cats and dogs, of Keras's guides (Elson et al. 2007; for research)",
    ),
}


def photos(source: str | Path, size: int = 96, most_per_class: int | None = 200, progress: Callable = iter) -> Pictures:
    """Read photographs, scaled to size × size in color, with the edges cut off rather than stretched.

    Args:
        source: A name in `PHOTO_SETS`, fetched at first use; or the path of a folder with one folder per class.
        size: Height and width in pixels.
        most_per_class: As in `pictures_from_folder`.
        progress: As in `pictures_from_folder`.

    Raises:
        DownloadError: Where the collection is needed and can't be fetched.
        ValueError: For another name, or where there is no such folder.
    """
    path, size = check_path("source", source), check_whole_number("size", size, 1, MOST_SIDE)
    if source in PHOTO_SETS:
        folder = photo_folder(source)
    elif path.expanduser().is_dir():
        folder = path.expanduser()
    else:
        names = ", ".join(map(repr, PHOTO_SETS))
        raise ValueError(f"source={str(source)!r} is not allowed: give one of {names}, or an existing folder.")
    return pictures_from_folder(folder, (size, size), 3, True, most_per_class, progress)


def photo_folder(name: str) -> Path:
    """The folder of a collection, with one folder per class; downloaded at first use, with progress."""
    photo_set = PHOTO_SETS[name]
    for place in (home(), spare_home()):
        folder = place / FOLDER / photo_set.inside
        if os.path.isdir(folder):  # it's moved there as a whole, so it's complete if it exists
            return folder
    folder = writable_home() / FOLDER / photo_set.inside
    _fetch(name, photo_set, folder)
    return folder


def _fetch(name, photo_set, folder):
    what = f"The photos of {name} ({photo_set.megabytes} MB)"
    if reason := unreachable(photo_set.url):
        raise DownloadError(what, reason, _INSTEAD)
    announce(f"the photos of {name}", photo_set.megabytes, photo_set.url, folder.parent)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(folder) as scratch:
            archive = scratch / "archive"
            fetch(photo_set.url, archive)
            if sha256(archive) != photo_set.sha256:
                raise ValueError(f"what {photo_set.url} sent is not the published file")
            unpacked = unpack(archive, photo_set.inside, scratch / "unpacked")
            os.replace(unpacked, folder)
    except Exception as error:
        if folder.is_dir():  # another process was faster
            return
        raise DownloadError(what, str(error), _INSTEAD) from error


def unpack(archive: Path, inside: str, target: Path) -> Path:
    """Write the pictures `inside`/class/file of the archive to target/class/file, and their license.

    Nothing else is written: no links, no deeper or higher folders, no other endings, no file over 50 MB.

    Args:
        archive: A .tgz or a .zip file.
        inside: The folder in the archive.
        target: The folder to write to.

    Returns:
        The folder.

    Raises:
        ValueError: Where there is no such picture.
    """
    for path, file in _members(archive):
        parts = PurePosixPath(path.replace("\\", "/")).parts
        if parts == (inside, "LICENSE.txt"):
            target.mkdir(parents=True, exist_ok=True)
            (target / parts[1]).write_bytes(file.read())
        is_safe = len(parts) == 3 and parts[0] == inside and not any(part.startswith(".") for part in parts)
        if is_safe and parts[2].lower().endswith(ENDINGS):
            (target / parts[1]).mkdir(parents=True, exist_ok=True)
            with open(target / parts[1] / parts[2], "wb") as output:
                shutil.copyfileobj(file, output)
    if not any(path.is_dir() for path in target.glob("*")):
        raise ValueError(f"the archive has no pictures in {inside}/")
    return target


def _members(archive) -> Iterator[tuple[str, BinaryIO]]:
    """The path and content of every ordinary file in the archive that isn't too large."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.infolist():
                if not entry.is_dir() and entry.file_size <= LARGEST_FILE:
                    with packed.open(entry) as file:
                        yield entry.filename, file
        return
    with tarfile.open(archive) as packed:
        for entry in packed:
            if entry.isreg() and entry.size <= LARGEST_FILE:
                yield entry.name, packed.extractfile(entry)
