"""The reviews of the collection: as many as it says, each a text of its own."""

import itertools
import re

import numpy as np
import pytest

from utils.text.reviews import reviews

PARTS = ("train", "validation", "test")


def words(text):
    return re.findall(r"[\w’']+", text.lower())


@pytest.fixture(scope="module")
def texts():
    task = reviews()
    return [text for part in PARTS for text in getattr(task, f"texts_{part}")]


def test_the_parts_are_balanced():
    domain, sentiment = reviews("domain"), reviews("sentiment")
    for part, size in zip(PARTS, (360, 90, 150), strict=True):
        assert getattr(domain, f"texts_{part}") == getattr(sentiment, f"texts_{part}")
        both = 2 * getattr(domain, f"y_{part}") + getattr(sentiment, f"y_{part}")
        assert np.bincount(both).tolist() == [size // 6] * 6


@pytest.mark.slow
def test_no_text_is_nearly_another(texts):
    """Not more than two thirds of two texts' words in common: those that were made from one pattern would have."""
    assert len(texts) == 600
    sets = [frozenset(words(text)) for text in texts]
    alike = [
        (texts[i], texts[j])
        for i, j in itertools.combinations(range(len(texts)), 2)
        if min(len(sets[i]), len(sets[j])) > 2 and len(sets[i] & sets[j]) / len(sets[i] | sets[j]) > 2 / 3
    ]
    assert alike == []
    assert len({" ".join(words(text)) for text in texts}) == 600


def test_they_vary_in_length_and_beginning(texts):
    lengths = [len(words(text)) for text in texts]
    assert min(lengths) <= 8 and max(lengths) > 60 and 20 < np.mean(lengths) < 35
    openings = {" ".join(words(text)[:3]) for text in texts}
    assert len(openings) > 500


def test_another_label_is_refused():
    with pytest.raises(ValueError, match="^label='stars' .*'domain', 'sentiment'"):
        reviews("stars")
