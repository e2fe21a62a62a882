"""Collections of photographs: fetched, checked and unpacked safely; from a folder; nothing half-fetched is used."""

import io
import re
import tarfile
import zipfile
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from PIL import Image

from utils.tasks import storage
from utils.tasks.download import DownloadError
from utils.tasks.patches import patches
from utils.tasks.photos import PHOTO_SETS, photo_folder, photos, unpack
from utils.tasks.storage import sha256

module = import_module("utils.tasks.photos")
INSIDE = "flower_photos"


def jpeg(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG", quality=95)
    return file.getvalue()


def real_pictures(each=3):
    task = patches("new")
    return {
        f"{INSIDE}/{name}/{i}.jpg": jpeg(task.x_train[task.y_train == label][i])
        for label, name in enumerate(task.class_names[:2])
        for i in range(each)
    }


EVIL = {
    "../../outside.jpg": b"x",
    f"{INSIDE}/../up/one.jpg": b"x",
    f"{INSIDE}/daisy/deeper/one.jpg": b"x",
    f"{INSIDE}/daisy/run.py": b"print()",
    f"{INSIDE}/.hidden/one.jpg": b"x",
    f"{INSIDE}/LICENSE.txt": b"words",
    "/etc/one.jpg": b"x",
    "..\\up\\one.jpg": b"x",
}


def tgz(path, files):
    with tarfile.open(path, "w:gz") as packed:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo(f"{INSIDE}/astronaut/link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    return path


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """A Keras home without anything in it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    for user in (module, storage):
        monkeypatch.setattr(user, "spare_home", lambda: tmp_path / "spare")
    return tmp_path / "home"


@pytest.fixture
def served(web, monkeypatch, tmp_path):
    """A small collection in the place of the flowers; its files."""
    data = tgz(tmp_path / "flower_photos.tgz", real_pictures() | EVIL).read_bytes()
    web.files["flower_photos.tgz"] = data
    small = replace(PHOTO_SETS["flowers"], url=web.url + "flower_photos.tgz", sha256=sha256(data))
    monkeypatch.setitem(PHOTO_SETS, "flowers", small)
    return web.files


@pytest.mark.parametrize("pack", [tgz, zipped])
def test_only_pictures_in_their_class_are_unpacked(tmp_path, pack):
    archive = pack(tmp_path / "archive", EVIL | real_pictures())
    target = unpack(archive, INSIDE, tmp_path / "a" / "b" / "unpacked")
    found = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert found == {name.removeprefix(f"{INSIDE}/") for name in real_pictures()} | {"LICENSE.txt"}
    assert (target / "cat" / "0.jpg").read_bytes() == real_pictures()[f"{INSIDE}/cat/0.jpg"]
    everything = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert everything == {"archive", "LICENSE.txt", "0.jpg", "1.jpg", "2.jpg"}


def test_a_file_that_is_too_large_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_FILE", 2000)
    large = {f"{INSIDE}/cat/large.jpg": b"x" * 2001, f"{INSIDE}/cat/small.jpg": b"x" * 2000}
    for number, pack in enumerate((tgz, zipped)):
        target = unpack(pack(tmp_path / f"archive{number}", large), INSIDE, tmp_path / f"unpacked{number}")
        assert [path.name for path in target.rglob("*.jpg")] == ["small.jpg"]


def test_an_archive_without_pictures_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no pictures in flower_photos/"):
        unpack(zipped(tmp_path / "archive", EVIL), INSIDE, tmp_path / "unpacked")


def test_fetched_once_and_then_kept(alone, served, capsys):
    found = photos("flowers", size=48)
    assert re.search(r"photos of flowers\b.*\b229 MB", capsys.readouterr().out)
    assert found.class_names == ("astronaut", "cat") and found.images.shape == (6, 48, 48, 3)
    served.clear()
    again = photos("flowers", size=48, most_per_class=2)
    assert np.bincount(again.labels).tolist() == [2, 2] and capsys.readouterr().out == ""
    assert {path.name for path in alone.rglob("*") if path.is_file()} - {"keras.json", "LICENSE.txt"} == {
        "0.jpg", "1.jpg", "2.jpg"
    }  # fmt: skip
    assert [path.name for path in (alone / "freeze-and-unfreeze").iterdir()] == ["flower_photos"]


def test_where_keras_s_home_cannot_be_written_they_are_kept_where_keras_keeps_its_own(alone, served, tmp_path):
    alone.touch()  # a file, in which nothing can be stored
    spare = tmp_path / "spare" / "freeze-and-unfreeze" / INSIDE
    assert photo_folder("flowers") == spare and (spare / "cat" / "0.jpg").is_file()
    served.clear()
    assert photo_folder("flowers") == spare


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["altered", "cut"])
def test_what_is_not_whole_is_not_used(alone, served, broken):
    data = served["flower_photos.tgz"]
    served["flower_photos.tgz"] = data + b"x" if broken == "altered" else data[: len(data) // 2]
    with pytest.raises(DownloadError, match=r"photos of flowers \(229 MB\) .*patches\('new'\)"):
        photo_folder("flowers")
    assert {path.name for path in alone.rglob("*") if path.is_file()} <= {"keras.json"}


def test_without_a_network(alone, no_network):
    with pytest.raises(DownloadError, match="photos of cats and dogs .*internet"):
        photos("cats and dogs")


def test_a_folder_of_ones_own(tmp_path):
    unpack(zipped(tmp_path / "archive", real_pictures()), INSIDE, tmp_path / "mine")
    (tmp_path / "mine" / "cat" / "broken.jpg").write_bytes(b"no picture")
    seen = []
    found = photos(tmp_path / "mine", 32, progress=lambda files: seen.append(len(files)) or files)
    assert len(found) == 6 and seen == [7]
    ((name, why),) = found.skipped
    assert name == "cat/broken.jpg" and "damaged" in why
    task = patches("new")
    shown = found.images[found.class_names.index("cat") * 3].mean()
    assert shown == pytest.approx(task.x_train[task.y_train == 1][0].mean(), abs=2)


def test_another_name_is_refused(tmp_path):
    with pytest.raises(ValueError, match="^source='roses' .*'flowers', 'cats and dogs'"):
        photos("roses")


def test_every_set_has_a_hash_and_an_address():
    for photo_set in PHOTO_SETS.values():
        assert len(photo_set.sha256) == 64 and int(photo_set.sha256, 16) and photo_set.url.startswith("https://")
    assert module.PHOTO_SETS["flowers"].inside == INSIDE
