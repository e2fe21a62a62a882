"""The UCI sentences: fetched, unpacked and checked; nothing half-fetched or altered is used."""

import re
import zipfile
from importlib import import_module

import numpy as np
import pytest

from tests.conftest import PROJECT
from utils.tasks.download import DownloadError
from utils.tasks.storage import read_cached
from utils.text.uci import uci_sentences, unpack

module = import_module("utils.text.uci")
STORED = PROJECT.parent / "shared" / "text" / "uci-sentiment"
needs_files = pytest.mark.skipif(not STORED.is_dir(), reason="the UCI sentences aren't on this machine")


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """A Keras home without anything in it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    uci_sentences.cache_clear()
    yield
    uci_sentences.cache_clear()


def archive(path, altered=None, folder="sentiment labelled sentences/"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("../../outside.txt", "nobody reads this")
        for name in module._FILES:
            data = (STORED / name).read_bytes()
            packed.writestr(folder + name, data + b"x" if name == altered else data)
    return path


@pytest.mark.slow
@needs_files
def test_fetched_once_and_then_kept(alone, web, monkeypatch, tmp_path, capsys):
    web.files["uci.zip"] = archive(tmp_path / "uci.zip").read_bytes()
    monkeypatch.setattr(module, "_URL", web.url + "uci.zip")
    task, domain = uci_sentences(), uci_sentences("domain")
    assert "the UCI sentences, 0.1 MB" in capsys.readouterr().out
    assert not (tmp_path / "outside.txt").exists() and not list((tmp_path / "home").rglob("*.zip"))
    assert len(task.texts_test) == len(set(task.texts_test)) == 1000 and len(task.texts_validation) == 300
    everything = set(task.texts_train) | set(task.texts_validation) | set(task.texts_test)
    assert len(everything) == len(task.texts_train) + 1300  # no text is in two parts
    words = [" ".join(re.findall(r"\w+", text.lower())) for text in everything]
    assert len(words) == len(set(words))  # nor in other capitals, or with other signs
    assert task.texts_train == domain.texts_train and 0.45 < np.mean(task.y_test) < 0.55
    uci_sentences.cache_clear()
    web.files.clear()
    assert uci_sentences().texts_test == task.texts_test  # from the kept files
    for path in (tmp_path / "home").rglob("yelp*"):
        path.write_bytes(path.read_bytes()[:-1])  # one is damaged: it's noticed and not used
    uci_sentences.cache_clear()
    with pytest.raises(DownloadError, match="UCI sentences"):
        uci_sentences()


@pytest.mark.slow
@needs_files
@pytest.mark.parametrize("broken", ["altered", "cut"])
def test_what_is_not_whole_is_not_used(alone, web, monkeypatch, tmp_path, broken):
    data = archive(tmp_path / "uci.zip", altered="imdb_labelled.txt" if broken == "altered" else None).read_bytes()
    web.files["uci.zip"] = data if broken == "altered" else data[:5000]
    monkeypatch.setattr(module, "_URL", web.url + "uci.zip")
    with pytest.raises(DownloadError, match="or use reviews"):
        uci_sentences()
    assert all(read_cached(name) is None for name in module._FILES)
    assert not list((tmp_path / "home").rglob("*.zip"))


@needs_files
def test_the_folder_inside_does_not_matter(tmp_path):
    for folder in ("", "a/b/", "../../"):
        assert unpack(archive(tmp_path / "one.zip", folder=folder)).keys() == module._FILES.keys()


def test_without_a_network(alone, no_network):
    with pytest.raises(DownloadError, match=r"UCI sentences .*internet .*reviews\(\)"):
        uci_sentences()


def test_another_label_is_refused():
    with pytest.raises(ValueError, match="^label='stars' "):
        uci_sentences("stars")
