"""The six stored pipelines: complete, of this project's encoder and splits, and readable as a table."""

from dataclasses import replace

import pytest

from tests.conftest import PROJECT
from utils.sweeps.crews import Here
from utils.tasks import write_cached
from utils.text import sweep as texts
from utils.text.comparison import SEEDS, TextRow, compare
from utils.text.encoder import small_text_encoder
from utils.text.pipelines import PIPELINES, TUNING
from utils.text.reviews import reviews
from utils.text.sweep import SETTINGS, digest, frame, stored_rows
from utils.text.uci import uci_sentences

BASELINE = "TF-IDF → logistic regression"
UCI = PROJECT.parent / "shared" / "text" / "uci-sentiment"


@pytest.mark.parametrize("setting", SETTINGS)
def test_stored_rows_are_complete(setting):
    rows, record = stored_rows(setting)
    assert [row.name for row in rows] == list(PIPELINES)
    assert {len(row.accuracies) for row in rows} == {len(SEEDS)}
    assert [row.forgetting is None for row in rows] == [True] * 4 + [False] * 2
    assert rows[4].forgetting == pytest.approx([0] * 5, abs=1e-9)
    assert {"date", "machine", "versions", "command", "encoder_sha256", "old_task"} <= set(record)
    assert frame(rows).loc[BASELINE, "test accuracy (%)"] == str(rows[1].accuracy)


@pytest.mark.slow
def test_they_belong_to_what_is_shipped():
    """After a change of texts or encoder, the command has to be run again."""
    for setting in ("own reviews", "uci"):
        assert stored_rows(setting)[1]["encoder_sha256"] == small_text_encoder().fingerprint()
    task, record = reviews(), stored_rows("own reviews")[1]
    assert record["texts"] == [len(task.y_train), len(task.y_validation), len(task.y_test)]
    assert record["task"] == task.name and record["texts_sha256"] == digest(task)
    assert record["tuning"] == {name: list(values) for name, values in TUNING.items()}


@pytest.mark.skipif(not UCI.is_dir(), reason="the UCI sentences aren't on this machine")
def test_the_sentences_are_those_that_were_measured(monkeypatch, tmp_path, forget_uci):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for file in UCI.glob("*_labelled.txt"):
        write_cached(file.name, file.read_bytes())
    for setting in ("uci", "uci bert"):
        assert stored_rows(setting)[1]["texts_sha256"] == digest(uci_sentences())


def test_a_changed_text_is_noticed():
    task = reviews()
    other = replace(task, texts_test=("Another one.", *task.texts_test[1:]))
    assert digest(other) != digest(task) == digest(replace(task))


@pytest.mark.slow
def test_a_row_made_again():
    """The cheapest of them: nothing in it is left to chance but what the seed draws."""
    stored = {row.name: row for row in stored_rows("own reviews")[0]}[BASELINE]
    (again,) = compare(
        reviews(), small_text_encoder(), reviews("domain"), pipelines=[BASELINE], report=lambda row: None
    )
    assert again.choice == stored.choice and again.accuracies == pytest.approx(stored.accuracies, abs=0.01)


def test_nothing_half_measured_is_stored(monkeypatch, tmp_path):
    monkeypatch.setattr(texts, "STORED", tmp_path / "texts.json")

    measured = []

    def compare(task, encoder, old, pipelines, report):
        measured.append(pipelines[0].name)
        if len(measured) == 3:
            raise KeyboardInterrupt
        return [TextRow(pipelines[0].name, {}, (0.5, 0.6), 1.0, 1.0, 3)]

    monkeypatch.setattr(texts, "compare", compare)
    with pytest.raises(KeyboardInterrupt):
        texts.measure("own reviews", crew=Here())
    assert not (tmp_path / "texts.json").exists()
    texts.measure("own reviews", crew=Here())  # goes on with the third
    names = list(texts.PIPELINES)
    assert measured == [*names[:3], *names[2:]] and [path.name for path in tmp_path.iterdir()] == ["texts.json"]
    rows, record = stored_rows("own reviews")
    assert [row.name for row in rows] == names and record["longest"] > 0


def test_the_encoder_pays_where_it_has_read_much():
    """What the notebook says of MiniLM, from stored accuracies."""
    rows = {row.name: row.accuracy for row in stored_rows("uci bert")[0]}
    vector, baseline = rows["frozen vector → logistic regression"], rows[BASELINE]
    assert vector.mean - vector.half_width > baseline.mean + baseline.half_width


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValueError, match="setting='bert' is not allowed"):
        stored_rows("bert")
