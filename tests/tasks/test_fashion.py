"""Fashion-MNIST: the published pictures or a clear error, never half a file."""

import gzip
import os
import shutil
import threading

import numpy as np
import pytest

from utils.tasks import DownloadError, cached_path, download, fashion, needs_network, read_cached

FILES = (
    "train-labels-idx1-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "train-images-idx3-ubyte.gz",
)


@pytest.fixture
def home(fashion_mnist, empty_home):
    """A Keras home of its own, with good files in it, for a test that spoils them."""
    shutil.copytree(fashion_mnist, empty_home / "datasets" / "fashion-mnist", copy_function=os.link)
    return empty_home


def spoil(path, data):
    path.unlink()  # The file is a link to one that other tests use.
    path.write_bytes(data)


@pytest.fixture
def no_downloads(fashion_module, monkeypatch):
    """Whoever wants to download fails the test."""

    def fail(*args):
        raise AssertionError("this should not have been downloaded")

    monkeypatch.setattr(fashion_module, "unreachable", fail)
    monkeypatch.setattr(fashion_module, "_download", fail)


@pytest.fixture
def shop(home, web, fashion_module, monkeypatch):
    """The Keras home is empty, and the files are to be had from a server on this machine."""
    folder = home / "datasets" / "fashion-mnist"
    web.files = {name: (folder / name).read_bytes() for name in FILES}
    shutil.rmtree(folder)
    monkeypatch.setattr(fashion_module, "_URL", web.url)
    return web


def published(folder, part):
    """Images and labels as published, read without the code under test."""
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read()[16:], np.uint8).reshape(-1, 28, 28, 1)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        return images, np.frombuffer(file.read()[8:], np.uint8)


@pytest.mark.slow
def test_the_task_is_made_of_the_published_pictures(home, no_downloads, fingerprints):
    made = fashion()
    assert made.name == "fashion" and made.class_names[9] == "Ankle boot"
    folder = home / "datasets" / "fashion-mnist"
    for part, size, source in (("train", 10_000, "train"), ("validation", 1_000, "train"), ("test", 2_000, "t10k")):
        x, y = getattr(made, f"x_{part}"), getattr(made, f"y_{part}")
        assert x.shape == (size, 28, 28, 1) and x.dtype == np.float32 and x.max() == 1
        assert np.bincount(y).tolist() == [size // 10] * 10
        images, labels = published(folder, source)
        true_label = dict(zip(fingerprints(images), labels, strict=True))
        again = np.rint(x * 255).astype(np.uint8)
        assert [true_label[f] for f in fingerprints(again)] == y.tolist()


@pytest.mark.slow
def test_the_second_load_needs_the_kept_copy_only(home, no_downloads, forget_loaded):
    first = fashion()
    shutil.rmtree(home / "datasets")
    forget_loaded()
    second = fashion()
    assert second is not first
    for field in ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test"):
        assert np.array_equal(getattr(first, field), getattr(second, field))
    assert needs_network("digits-fashion") is False


@pytest.mark.slow
@pytest.mark.parametrize("spoilt", [pytest.param("truncated", marks=pytest.mark.exhaustive), "altered"])
def test_a_spoilt_kept_copy_is_made_anew(home, no_downloads, forget_loaded, fashion_module, spoilt):
    first = fashion()
    path = cached_path(fashion_module._CACHED)
    record = bytearray(path.read_bytes())
    if spoilt == "truncated":
        record = record[: len(record) // 2]
    else:
        record[5_000_000] ^= 1
    path.write_bytes(record)
    forget_loaded()
    assert np.array_equal(fashion().x_train, first.x_train)
    assert read_cached(fashion_module._CACHED) is not None


@pytest.mark.slow
def test_without_a_place_to_keep_it_still_loads(home, no_downloads, fashion_module):
    (home / "freeze-and-unfreeze").write_text("in the way")
    assert fashion().x_train.shape == (10_000, 28, 28, 1)
    assert read_cached(fashion_module._CACHED) is None


@pytest.mark.slow
@pytest.mark.parametrize("spoilt", ["missing", "empty", "truncated", "altered", "another file", "a web page"])
def test_a_spoilt_file_is_noticed_and_never_used(home, no_network, spoilt, capsys):
    folder = home / "datasets" / "fashion-mnist"
    path = folder / "t10k-images-idx3-ubyte.gz"
    data = bytearray(path.read_bytes())
    if spoilt == "missing":
        path.unlink()
    elif spoilt == "empty":
        spoil(path, b"")
    elif spoilt == "truncated":
        spoil(path, data[:-1000])
    elif spoilt == "altered":
        content = bytearray(gzip.decompress(data))
        content[1000] ^= 1
        spoil(path, gzip.compress(content, 1))  # a sound gzip file, of one wrong pixel
    elif spoilt == "another file":
        spoil(path, (folder / "t10k-labels-idx1-ubyte.gz").read_bytes())
    else:
        spoil(path, b"<html>Please log in</html>")
    assert needs_network("fashion-digits") is True
    with pytest.raises(DownloadError):
        fashion()
    assert "30 MB" in capsys.readouterr().out


@pytest.mark.slow
def test_a_copy_packed_anew_is_as_good(home, no_downloads):
    path = home / "datasets" / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz"
    spoil(path, gzip.compress(gzip.decompress(path.read_bytes()), 1))
    assert fashion().classes == 10


@pytest.mark.slow
def test_what_is_missing_is_fetched_and_kept(shop, empty_home, capfd, forget_loaded):
    assert needs_network("digits-fashion") is True
    made = fashion()
    out = capfd.readouterr().out
    assert all(part in out for part in ("Fashion-MNIST, 30 MB", f"from {shop.url} to {empty_home}"))
    assert shop.asked == list(FILES)
    assert sorted(f.name for f in (empty_home / "datasets" / "fashion-mnist").iterdir()) == sorted(FILES)

    shop.files = {}
    forget_loaded()
    assert np.array_equal(fashion().x_train, made.x_train)
    assert needs_network("digits-fashion") is False


@pytest.mark.slow
def test_only_what_is_missing_or_wrong_is_fetched(shop, empty_home):
    folder = empty_home / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    for name in FILES[:2]:
        (folder / name).write_bytes(shop.files[name])
    (folder / FILES[2]).write_bytes(shop.files[FILES[2]][:-10])
    assert fashion().classes == 10
    assert shop.asked == list(FILES[2:])


def test_a_download_that_breaks_off_leaves_nothing_and_says_so(shop, empty_home):
    shop.cut = 5000
    with pytest.raises(DownloadError, match=r"Fashion-MNIST \(30 MB\) .*digits-halves"):
        fashion()
    assert list((empty_home / "datasets" / "fashion-mnist").iterdir()) == []


@pytest.mark.slow
def test_a_download_that_falls_silent_is_given_up(shop, empty_home, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.5)
    shop.cut, shop.stall = 5000, threading.Event()
    with pytest.raises(DownloadError, match="timed out"):
        fashion()
    shop.stall.set()
    assert list((empty_home / "datasets" / "fashion-mnist").iterdir()) == []


def test_a_server_that_sends_something_else_is_not_believed(shop, empty_home):
    shop.files[FILES[0]] = b"<html>Please log in</html>"
    with pytest.raises(DownloadError, match=r"train-labels-idx1-ubyte\.gz .*not the published"):
        fashion()
    assert list((empty_home / "datasets" / "fashion-mnist").iterdir()) == []


@pytest.mark.slow
def test_files_that_keras_put_in_its_spare_folder_are_found(home, no_downloads, fashion_module, monkeypatch):
    spare = home / "spare"
    (home / "datasets").rename(spare)
    monkeypatch.setattr(fashion_module, "_folders", lambda: [home / "datasets", spare / "fashion-mnist"])
    assert fashion().classes == 10
