"""The cache: what is read is what was written, or nothing."""

import os
import threading
import warnings
from pathlib import Path

import pytest

from utils.tasks import storage

DATA = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path


def test_home_is_keras_s(monkeypatch, home):
    assert storage.home() == home
    monkeypatch.delenv("KERAS_HOME")
    assert storage.home() == Path.home() / ".keras"
    monkeypatch.setenv("KERAS_HOME", "~/elsewhere")
    assert storage.home() == Path.home() / "elsewhere"


def test_sha256_of_bytes_and_of_a_file(home):
    # The test vector "abc" of FIPS 180-4.
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (home / "abc").write_bytes(b"abc")
    assert storage.sha256(b"abc") == storage.sha256(home / "abc") == storage.sha256(str(home / "abc")) == known
    with pytest.raises(OSError):
        storage.sha256(home / "not there")


@pytest.mark.parametrize("data", [b"", b"\n", DATA])
def test_what_is_written_is_read(home, data):
    assert storage.read_cached("thing.npz") is None
    assert storage.write_cached("thing.npz", data) is True
    assert storage.read_cached("thing.npz") == data
    assert storage.cached_path("thing.npz").parent == home / "freeze-and-unfreeze"
    assert [file.name for file in storage.cached_path("x").parent.iterdir()] == ["thing.npz.checked"]


def test_the_later_of_two_writes_stays():
    storage.write_cached("thing", b"first, and longer")
    storage.write_cached("thing", b"second")
    assert storage.read_cached("thing") == b"second"


@pytest.mark.parametrize("length", [0, 10, 64, 65, 66, len(DATA) // 2, len(DATA) + 64])
def test_a_truncated_file_counts_as_missing(length):
    storage.write_cached("thing", DATA)
    os.truncate(storage.cached_path("thing"), length)
    assert storage.read_cached("thing") is None
    assert storage.write_cached("thing", DATA)
    assert storage.read_cached("thing") == DATA


@pytest.mark.parametrize("position", [0, 63, 64, 65, 5000, -1])
def test_an_altered_file_counts_as_missing(position):
    storage.write_cached("thing", DATA)
    record = bytearray(storage.cached_path("thing").read_bytes())
    record[position] ^= 1
    storage.cached_path("thing").write_bytes(record)
    assert storage.read_cached("thing") is None


def test_a_folder_that_cannot_be_made_means_no_cache(monkeypatch, home):
    (home / "a file").write_text("in the way")
    monkeypatch.setenv("KERAS_HOME", str(home / "a file"))
    with pytest.warns(UserWarning, match="KERAS_HOME"):
        assert storage.write_cached("thing", DATA) is False
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # once is enough
        assert storage.write_cached("thing", DATA) is False
    assert storage.read_cached("thing") is None


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_means_no_cache(home):
    home.chmod(0o500)
    try:
        assert storage.write_cached("thing", DATA) is False
        assert storage.read_cached("thing") is None
    finally:
        home.chmod(0o700)


def test_a_write_that_fails_half_way_leaves_the_old_file_and_no_rubbish(monkeypatch):
    storage.write_cached("thing", b"old")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert storage.write_cached("thing", DATA) is False
    assert storage.read_cached("thing") == b"old"
    assert len(list(storage.cached_path("thing").parent.iterdir())) == 1


def test_a_reader_never_sees_half_of_what_others_write():
    storage.write_cached("thing", DATA)
    versions = [bytes([n]) * 200_000 for n in range(4)]
    writers = [
        threading.Thread(target=lambda v=v: [storage.write_cached("thing", v) for _ in range(10)]) for v in versions
    ]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        seen.append(storage.read_cached("thing"))
    assert seen and all(data in (DATA, *versions) for data in seen)


@pytest.mark.parametrize("name", ["", "../secret", "a/b", "a\\b", ".hidden", "a b", None, 3])
def test_names_that_could_leave_the_folder_are_refused(name):
    with pytest.raises(ValueError, match="name=.* is not allowed"):
        storage.write_cached(name, b"")
