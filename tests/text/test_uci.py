"""The UCI sentences: fetched, unpacked and checked; nothing half-fetched or altered is used."""

import re
import zipfile
from importlib import import_module

import numpy as np
import pytest

from tests.conftest import PROJECT
from utils.tasks.download import DownloadError
from utils.tasks.storage import read_cached, sha256, write_cached
from utils.text.uci import uci_sentences, unpack

module = import_module("utils.text.uci")
STORED = PROJECT.parent / "shared" / "text" / "uci-sentiment"


@pytest.fixture
def alone(monkeypatch, tmp_path, forget_uci):
    """A Keras home without anything in it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))


def made_up(domain):
    """600 sentences in the files' form, and copies of two of them: in capitals, and with other signs."""
    lines = [f"Sentence {number} is on one {domain},\x85 and short.\t{number % 2}" for number in range(600)]
    return "\n".join([*lines, lines[0].upper(), lines[1].replace(",", " -"), ""]).encode()


@pytest.fixture
def files(monkeypatch):
    """Files of this test's own, by name, which count as the published ones."""
    made = {name: made_up(domain) for name, domain in module._DOMAINS.items()}
    monkeypatch.setattr(module, "_FILES", {name: sha256(data) for name, data in made.items()})
    return made


def archive(path, files, altered=None, folder="sentiment labelled sentences/"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("../../outside.txt", "nobody reads this")
        for name, data in files.items():
            packed.writestr(folder + name, data + b"x" if name == altered else data)
    return path


def check_parts(task):
    """No text is in two parts, nor is it in other capitals, or with other signs."""
    everything = [*task.texts_train, *task.texts_validation, *task.texts_test]
    normalized = {" ".join(re.findall(r"\w+", text.lower())) for text in everything}
    assert len(normalized) == len(everything)
    assert len(task.texts_test) == 1000 and len(task.texts_validation) == 300
    assert 0.45 < np.mean(task.y_test) < 0.55


def test_fetched_once_and_then_kept(alone, files, web, monkeypatch, tmp_path, capsys):
    web.files["uci.zip"] = archive(tmp_path / "uci.zip", files).read_bytes()
    (tmp_path / "uci.zip").unlink()
    monkeypatch.setattr(module, "_URL", web.url + "uci.zip")
    task, domain = uci_sentences(), uci_sentences("domain")
    assert "the UCI sentences, 0.1 MB" in capsys.readouterr().out
    assert web.asked == ["uci.zip"]
    assert not list(tmp_path.parent.rglob("outside.txt")) and not list(tmp_path.rglob("*.zip"))
    check_parts(task)
    assert len(task.texts_train) == 3 * 600 - 1300 and task.texts_train == domain.texts_train
    for text, sentiment, about in zip(task.texts_test, task.y_test, domain.y_test, strict=True):
        assert int(re.search(r"\d+", text)[0]) % 2 == sentiment and domain.class_names[about] in text
    module._sentences.cache_clear()
    web.files.clear()
    assert uci_sentences().texts_test == task.texts_test  # from the kept files
    for path in (tmp_path / "home").rglob("yelp*"):
        path.write_bytes(path.read_bytes()[:-1])  # one is damaged: it's noticed and not used
    module._sentences.cache_clear()
    with pytest.raises(DownloadError, match="UCI sentences"):
        uci_sentences()


@pytest.mark.parametrize("broken", ["altered", "cut"])
def test_what_is_not_whole_is_not_used(alone, files, web, monkeypatch, tmp_path, broken):
    altered = "imdb_labelled.txt" if broken == "altered" else None
    data = archive(tmp_path / "uci.zip", files, altered).read_bytes()
    (tmp_path / "uci.zip").unlink()
    web.files["uci.zip"] = data if altered else data[: len(data) // 2]
    monkeypatch.setattr(module, "_URL", web.url + "uci.zip")
    with pytest.raises(DownloadError, match="or use reviews"):
        uci_sentences()
    assert all(read_cached(name) is None for name in files)
    assert not list(tmp_path.rglob("*.zip"))


def test_the_folder_inside_does_not_matter(files, tmp_path):
    for folder in ("", "a/b/", "../../"):
        assert unpack(archive(tmp_path / "one.zip", files, folder=folder)) == files


@pytest.mark.slow
@pytest.mark.skipif(not STORED.is_dir(), reason="the UCI sentences aren't on this machine")
def test_the_published_files(alone, tmp_path):
    published = {name: (STORED / name).read_bytes() for name in module._FILES}
    for name, data in unpack(archive(tmp_path / "uci.zip", published)).items():
        assert write_cached(name, data)
    check_parts(uci_sentences())


def test_without_a_network(alone, no_network):
    with pytest.raises(DownloadError, match=r"UCI sentences .*internet .*reviews\(\)"):
        uci_sentences()


def test_another_label_is_refused():
    with pytest.raises(ValueError, match="^label='stars' "):
        uci_sentences("stars")
