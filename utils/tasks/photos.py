"""Collections of photographs to download: flowers, and cats and dogs. Fetched once, checked, unpacked safely, kept."""

import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .download import DownloadError, announce, fetch, unreachable
from .folder import Pictures, pictures_from_folder
from .picture import ENDINGS, LARGEST_FILE
from .storage import FOLDER, home, sha256

_INSTEAD = "patches('new'), which need no download"


@dataclass(frozen=True)
class PhotoSet:
    """A collection on the network. archive: a .tgz or a .zip, `megabytes` large, with this SHA-256, in which a folder
    `inside` has one folder a class. told: one line on what it shows, and its licence.
    """

    url: str
    sha256: str
    megabytes: int
    inside: str
    told: str


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


def photos(source: str | Path, size: int = 96, most_a_class: int | None = 200, progress: Callable = iter) -> Pictures:
    """Photographs, brought to size × size in colour, the edges cut off rather than stretched.

    source: a name in `PHOTO_SETS`, fetched at first use; or the path of a folder with one folder a class.
    most_a_class: at most so many of each class, spread over its files; None for all. What can't be read is skipped,
    and named in the result. progress: see `pictures_from_folder`.
    Raises DownloadError where the collection is needed and can't be fetched, a ValueError where there is no such name
    or folder.
    """
    if source in PHOTO_SETS:
        folder = photo_folder(source)
    elif Path(source).expanduser().is_dir():
        folder = Path(source).expanduser()
    else:
        names = ", ".join(map(repr, PHOTO_SETS))
        raise ValueError(f"source={str(source)!r} is not allowed: give one of {names}, or a folder that is there.")
    return pictures_from_folder(folder, (size, size), 3, True, most_a_class, progress)


def photo_folder(name: str) -> Path:
    """Where a collection's folders lie, one a class; downloaded at first use, with progress."""
    one, place = PHOTO_SETS[name], home() / FOLDER / PHOTO_SETS[name].inside
    if not place.is_dir():  # it's moved there whole: what is there is complete
        _fetch(name, one, place)
    return place


def _fetch(name, one, place):
    what = f"The photos of {name} ({one.megabytes} MB)"
    if reason := unreachable(one.url):
        raise DownloadError(what, reason, _INSTEAD)
    announce(f"the photos of {name}", one.megabytes, one.url, place.parent)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{one.inside}-") as scratch:
            archive = Path(scratch, "archive")
            fetch(one.url, archive)
            if sha256(archive) != one.sha256:
                raise ValueError(f"what {one.url} sent is not the published file")
            unpacked = unpack(archive, one.inside, Path(scratch) / "unpacked")
            os.replace(unpacked, place)
    except Exception as error:
        if place.is_dir():  # another process was faster
            return
        raise DownloadError(what, str(error), _INSTEAD) from error


def unpack(archive: Path, inside: str, target: Path) -> Path:
    """Write the pictures `inside`/class/file of the archive to target/class/file, and their licence; the folder target.

    Nothing else is written: no links, no deeper or higher folders, no other endings, no file over 50 MB.
    A ValueError where there is no such picture.
    """
    for path, file in _members(archive):
        parts = PurePosixPath(path.replace("\\", "/")).parts
        if parts == (inside, "LICENSE.txt"):
            target.mkdir(parents=True, exist_ok=True)
            (target / parts[1]).write_bytes(file.read())
        safe = len(parts) == 3 and parts[0] == inside and not any(part.startswith(".") for part in parts)
        if safe and parts[2].lower().endswith(ENDINGS):
            (target / parts[1]).mkdir(parents=True, exist_ok=True)
            with open(target / parts[1] / parts[2], "wb") as written:
                shutil.copyfileobj(file, written)
    if not any(path.is_dir() for path in target.glob("*")):
        raise ValueError(f"the archive has no pictures in {inside}/")
    return target


def _members(archive) -> Iterator[tuple[str, BinaryIO]]:
    """Path and content of every ordinary file in the archive that isn't too large."""
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
