"""Some of the pipelines on the reader's machine: what is asked for, and what can't be had."""

import pytest

from utils.tasks import DownloadError
from utils.text import here
from utils.text.bert import MissingExtra
from utils.text.encoder import small_text_encoder
from utils.text.reviews import reviews


@pytest.fixture
def compared(monkeypatch):
    """The arguments of each comparison, which isn't made."""
    asked = []
    monkeypatch.setattr(here, "compare", lambda *arguments: asked.append(arguments) or ["a row"])
    return asked


def missing(error):
    def make(*arguments):
        raise error

    return make


def test_nothing_is_measured_where_nothing_is_asked_for(compared, capsys):
    assert here.measure_here() == [] and compared == []
    assert "Nothing is measured here" in capsys.readouterr().out


def test_the_sentences_with_the_small_encoder(compared, monkeypatch):
    monkeypatch.setattr(here, "uci_sentences", lambda label="sentiment": reviews(label))
    assert here.measure_here(sentences=True) == ["a row"]
    ((task, encoder, old, pipelines),) = compared
    assert task is reviews() and old is reviews("domain") and pipelines == here.QUICK
    assert encoder.fingerprint() == small_text_encoder().fingerprint()


def test_a_checkpoint_with_the_sentences(compared, monkeypatch):
    large = small_text_encoder()
    monkeypatch.setattr(here, "uci_sentences", lambda label="sentiment": reviews(label))
    monkeypatch.setattr(here, "bert_encoder", lambda folder: large)
    here.measure_here(True, "somewhere")
    assert compared[0][1] is large


@pytest.mark.parametrize(
    "error", [DownloadError("The UCI sentences (0.1 MB)", "no network", "reviews()"), MissingExtra("two packages")]
)
def test_what_cannot_be_had_is_named(compared, monkeypatch, capsys, error):
    monkeypatch.setattr(here, "uci_sentences", missing(error))
    monkeypatch.setattr(here, "bert_encoder", missing(error))
    assert here.measure_here(True, "somewhere") == [] and compared == []
    assert capsys.readouterr().out.count(str(error)) == 2
    large = small_text_encoder()
    monkeypatch.setattr(here, "bert_encoder", lambda folder: large)
    assert here.measure_here(True, "somewhere") == ["a row"]  # on the collection's own reviews
    assert compared[0][:3] == (reviews(), large, reviews("domain"))
