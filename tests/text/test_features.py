"""Vectors of texts: computed once, taken from the disk after that, and never mistaken for others."""

import numpy as np
import pytest
from sklearn.base import clone

from utils.text.encoder import small_text_encoder
from utils.text.features import EncoderFeatures, encode, print_progress

TEXTS = ["A fine film.", "The soup was cold."]


@pytest.fixture
def encoder(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return small_text_encoder()


def refuse(*arguments):
    raise AssertionError("computed again")


@pytest.mark.slow
def test_computed_once(encoder, monkeypatch, tmp_path):
    seen = []

    def progress(batches):
        seen.extend(map(sorted, batches))
        return iter(batches)

    first = encode(encoder, TEXTS, progress)
    assert first.shape == (2, encoder.width) and seen == [[0, 1]]
    np.testing.assert_array_equal(first, encoder.vectors(TEXTS))
    monkeypatch.setattr(encoder, "vectors", refuse)
    np.testing.assert_array_equal(encode(encoder, TEXTS), first)
    with pytest.raises(AssertionError, match="computed again"):
        encode(encoder, TEXTS[::-1])


@pytest.mark.slow
def test_an_encoder_that_was_trained_gives_new_ones(encoder, monkeypatch):
    encode(encoder, TEXTS)
    weights = encoder.network.get_weights()
    weights[0] = weights[0] + 1e-3
    encoder.network.set_weights(weights)
    monkeypatch.setattr(encoder, "vectors", refuse)
    with pytest.raises(AssertionError, match="computed again"):
        encode(encoder, TEXTS)


@pytest.mark.slow
def test_a_damaged_file_is_not_used(encoder, tmp_path):
    first = encode(encoder, TEXTS)
    (kept,) = tmp_path.rglob("text-vectors-*")
    kept.write_bytes(kept.read_bytes()[:-4])
    np.testing.assert_array_equal(encode(encoder, TEXTS), first)


@pytest.mark.slow
def test_as_a_transformer_it_keeps_its_encoder_when_copied(encoder):
    features = EncoderFeatures(encoder)
    assert clone(features).encoder is encoder
    assert features.fit_transform(TEXTS).shape == (2, len(features.get_feature_names_out()))


def test_progress(capsys):
    few, many = [range(32), range(8)], [range(600), range(400)]
    assert list(print_progress(few)) == few
    assert capsys.readouterr().out == ""
    assert list(print_progress(many)) == many
    assert capsys.readouterr().out == "\r600 of 1,000 texts encoded\r1,000 of 1,000 texts encoded\n"
