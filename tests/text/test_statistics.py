"""Simple statistics of texts, counted by hand."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion

from utils.text.statistics import STATISTICS, TextStatistics


def statistics_of(text):
    return dict(zip(STATISTICS, TextStatistics().transform([text])[0], strict=True))


def test_counted_by_hand():
    found = statistics_of("I didn’t like it, but my 2 kids did! Why not? Why NOT?")
    expected = {
        "words": 13, "mean word length": (1 + 6 + 4 + 2 + 3 + 2 + 1 + 4 + 3 + 3 + 3 + 3 + 3) / 13,
        "different words": 11 / 13, "sentences": 3, "commas": 1, "exclamation marks": 1, "question marks": 2,
        "capital letters": 6 / 36, "digits": 1, "negation words": 3, "words of contrast": 1, "I and we": 2,
    }  # fmt: skip
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "?!", "😀😀", "\u200d"])
def test_without_words_all_is_defined(text):
    found = statistics_of(text)
    assert np.isfinite(list(found.values())).all()
    assert found["words"] == found["mean word length"] == found["different words"] == 0


def test_other_scripts_have_words():
    assert statistics_of("Очень вкусно, спасибо")["words"] == 3
    assert statistics_of("Очень вкусно")["capital letters"] == pytest.approx(1 / 11)


@pytest.mark.parametrize("text", [None, float("nan"), 3])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(ValueError, match=rf"^texts\[1\]={re.escape(repr(text))} .*text"):
        TextStatistics().transform(["fine", text])


@pytest.mark.parametrize("value", [None, "many", float("nan"), float("inf")])
def test_a_statistic_has_to_give_a_number(value):
    with pytest.raises(ValueError, match="The statistic 'mine' gives"):
        TextStatistics({"mine": lambda text: value}).transform(["fine"])
    with pytest.raises(ValueError, match="give at least one"):
        TextStatistics({}).transform(["fine"])


def test_beside_other_features():
    """In a FeatureUnion and in a ColumnTransformer, by name."""
    texts = ["a b", "c!"]
    word_count = {"words": STATISTICS["words"]}
    union = FeatureUnion([("words", TextStatistics(word_count)), ("all", TextStatistics())]).fit(texts)
    assert union.transform(texts).shape == (2, 1 + len(STATISTICS))
    columns = ColumnTransformer([("count", TextStatistics(word_count), "text")], remainder="passthrough")
    table = pd.DataFrame({"text": texts, "stars": [1, 5]})
    assert columns.fit_transform(table).tolist() == [[2, 1], [1, 5]]
    assert columns.get_feature_names_out().tolist() == ["count__words", "remainder__stars"]
