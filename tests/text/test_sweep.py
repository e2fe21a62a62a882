"""The stored pipelines: complete, of this project's encoder and splits, and readable as a table."""

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
from utils.text.sweep import BERT_LOWER_RATES, SETTINGS, digest, frame, stored_rows
from utils.text.uci import uci_sentences

BASELINE = "TF-IDF → logistic regression"
UCI = PROJECT.parent / "shared" / "text" / "uci-sentiment"


@pytest.mark.parametrize("setting", SETTINGS)
def test_stored_rows_are_complete(setting):
    rows, record = stored_rows(setting)
    assert [row.name for row in rows] == list(PIPELINES)
    assert {len(row.accuracies) for row in rows} == {len(SEEDS)}
    measured = {row.name: row.forgetting for row in rows if row.forgetting is not None}
    assert list(measured) == ["vector → new head", "vector + statistics → new head", "encoder fine-tuned"]
    for name in list(measured)[:-1]:
        assert measured[name] == pytest.approx([0] * 5, abs=1e-9)
    assert {"date", "machine", "versions", "command", "encoder_sha256", "old_task"} <= set(record)
    table = frame(rows)
    for row in rows:
        assert table.loc[row.name, "± seeds"] == f"{row.accuracy.half_width:.1f}"
        assert len(row.times_right) == record["texts"][2]
        assert row.accuracy_over_texts.mean == pytest.approx(row.accuracy.mean)
        assert table.loc[row.name, "test accuracy (%)"] == f"{row.accuracy.mean:.1f}"
        assert table.loc[row.name, "± texts"] == f"{row.accuracy_over_texts.half_width:.1f}"


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_end_of_a_grid_was_chosen(setting):
    """But for what can't be less: a tree with a single question, groups of a single word."""
    for row in stored_rows(setting)[0]:
        grid = PIPELINES[row.name].grid
        if setting == "uci bert" and row.name == "encoder fine-tuned":  # the rates of another paper, all of them
            assert row.choice["rate"] in stored_rows(setting)[1]["tuning"]["rate"] == [2e-5, 3e-5, 5e-5]
            continue
        for name, value in row.choice.items():
            if setting == "uci bert" and name == "rate":
                grid = {"rate": (*BERT_LOWER_RATES, *grid["rate"])}
            assert value in grid[name]
            assert value != grid[name][-1] and (value != grid[name][0] or value == 1), (row.name, name)


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
        return [TextRow(pipelines[0].name, {}, (0.5, 0.6), 1.0, 1.0, 3, None, (2, 1, 0))]

    monkeypatch.setattr(texts, "compare", compare)
    with pytest.raises(KeyboardInterrupt):
        texts.measure("own reviews", crew=Here())
    assert not (tmp_path / "texts.json").exists()
    texts.measure("own reviews", crew=Here())  # goes on with the third
    names = list(texts.PIPELINES)
    assert measured == [*names[:3], *names[2:]] and [path.name for path in tmp_path.iterdir()] == ["texts.json"]
    rows, record = stored_rows("own reviews")
    assert [row.name for row in rows] == names and record["longest"] > 0
    assert rows[0].times_right == (2, 1, 0)


def test_the_encoder_pays_where_it_has_read_much():
    """What the notebook says of MiniLM, from stored accuracies."""
    rows = {row.name: row.accuracy for row in stored_rows("uci bert")[0]}
    vector, baseline = rows["vector → logistic regression"], rows[BASELINE]
    assert vector.mean - vector.half_width > baseline.mean + baseline.half_width


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValueError, match="setting='bert' is not allowed"):
        stored_rows("bert")
