"""Notebook 10, Features into another model: what it states, held against the stored rows and its saved outputs."""

import re

from tests.notebooks.statements.stated import paired, printed, prose
from utils.measures import mean_interval
from utils.text.sweep import stored_rows

NAME = "10_features_into_another_model.ipynb"
BASELINE, TUNED, LINEAR = "TF-IDF → logistic regression", "encoder fine-tuned", "vector → logistic regression"


def by_name(setting):
    return {row.name: row for row in stored_rows(setting)[0]}


def lead(a, b):
    """The difference in points, over seeds and over texts."""
    texts = [100 * (x - y) / len(a.accuracies) for x, y in zip(a.times_right, b.times_right, strict=True)]
    return lead_over_seeds(a, b), mean_interval(texts)


def lead_over_seeds(a, b):
    return paired([100 * value for value in a.accuracies], [100 * value for value in b.accuracies])


def test_a_single_fit():
    train, validation = re.findall(r"(\d+\.\d)% right", printed(NAME, "XGBClassifier(n_estimators"))
    text = prose(NAME)
    assert f"The trees get {train}% of the training texts right, and {validation}% of those" in text
    assert float(train) > float(validation) + 10


def test_the_table():
    text, rows = prose(NAME), by_name("own reviews")
    seeds, texts = lead(rows[BASELINE], rows[TUNED])
    assert f"TF-IDF gets {rows[BASELINE].accuracy.mean:.1f}% of the test reviews right, {seeds} points more" in text
    assert f"than the fine-tuned encoder (over texts: ± {texts.half_width:.1f})" in text
    assert "**Counted words win.**" in text and seeds.clear and texts.clear and seeds.mean > 0
    assert max(rows.values(), key=lambda row: row.accuracy.mean) is rows[BASELINE]

    alone = [row.accuracy.mean for name, row in rows.items() if name.startswith("vector →")]
    assert (
        f"By itself it gets {min(alone):.1f} to {max(alone):.1f}%, where guessing gets 50" in text and len(alone) == 3
    )
    seeds, texts = lead(rows["vector + statistics → logistic regression"], rows["statistics → logistic regression"])
    changes = f"it changes logistic regression by {seeds:+} points (over texts: ± {texts.half_width:.1f})"
    seeds, texts = lead(rows["vector + statistics → XGBoost"], rows["statistics → XGBoost"])
    assert f"{changes}, and XGBoost by {seeds:+} (± {texts.half_width:.1f})" in text

    seeds, texts = lead(rows[TUNED], rows["vector → new head"])
    assert f"{seeds} points over a new head on the frozen one (± {texts.half_width:.1f})" in text
    assert seeds.clear and texts.clear and seeds.mean > 0
    assert f"The price is {mean_interval(rows[TUNED].forgetting)} points of the old task" in text

    seeds, texts = lead(rows[LINEAR], rows["vector → XGBoost"])
    assert f"logistic regression leads XGBoost by {seeds} points over seeds, and ± {texts.half_width:.1f} over" in text
    assert "so other reviews could reverse it" in text and seeds.mean > 0 and not texts.clear
    assert "at least one misses its true value would be about 40%" in text and round(1 - 0.95**10, 1) == 0.4


def test_real_sentences():
    text, rows, record = prose(NAME), by_name("uci"), stored_rows("uci")[1]
    assert sum(record["texts"]) == 2972 and "on 2,972 real sentences" in text
    assert record["texts"][2] == 1000 and "1,000 of which are the test" in text
    assert record["encoder_sha256"] == stored_rows("own reviews")[1]["encoder_sha256"]
    seeds, texts = lead(rows[BASELINE], rows[TUNED])
    assert f"counted words, and {seeds} points behind them the fine-tuned encoder" in text
    assert f"(over texts: ± {texts.half_width:.1f})" in text and seeds.clear and texts.clear
    assert [row.name for row in sorted(rows.values(), key=lambda row: -row.accuracy.mean)][:2] == [BASELINE, TUNED]
    seeds, texts = lead(rows["vector + statistics → logistic regression"], rows["statistics → logistic regression"])
    assert f"now adds {seeds} points to logistic regression (± {texts.half_width:.1f})" in text
    assert seeds.clear and texts.clear and seeds.mean > 0
    seeds, texts = lead(rows["vector + statistics → XGBoost"], rows["statistics → XGBoost"])
    assert f"harmed by the vector before, gains {seeds} (± {texts.half_width:.1f}, so over texts" in text
    assert seeds.mean > 0 and seeds.clear and not texts.clear
    assert (
        lead(*(by_name("own reviews")[f"{name} → XGBoost"] for name in ("vector + statistics", "statistics")))[0].mean
        < 0
    )


def test_a_large_encoder():
    text, rows = prose(NAME), by_name("uci bert")
    seeds, texts = lead(rows[LINEAR], rows[BASELINE])
    assert f"Now the vector is {seeds} points *ahead* of counted words (over texts: ± {texts.half_width:.1f})" in text
    assert seeds.clear and texts.clear and seeds.mean > 0
    seeds, texts = lead(rows["vector + statistics → logistic regression"], rows[LINEAR])
    assert f"the statistics add nothing to it ({seeds}, and ± {texts.half_width:.1f})" in text and seeds.mean < 0
    seeds, texts = lead(rows[LINEAR], rows["vector → XGBoost"])
    assert f"XGBoost is {seeds} points behind logistic regression (± {texts.half_width:.1f}, so over texts" in text
    assert seeds.clear and not texts.clear and seeds.mean > 0
    for start, other in (("Fine-tuning adds", "vector → new head"), ("and", LINEAR)):
        seeds, texts = lead(rows[TUNED], rows[other])
        assert f"{start} {seeds} " in text and seeds.clear and texts.clear and seeds.mean > 0
        assert f"(± {texts.half_width:.1f})" in text
    assert f"Its price is {mean_interval(rows[TUNED].forgetting)} points of the old task. (The large" in text
    record = stored_rows("uci bert")[1]
    assert record["longest"] == 64 and rows[TUNED].choice == {"rate": max(record["tuning"]["rate"])}
