"""The encoders of texts: what they read, what they give, and how well the shipped one knows its task."""

import numpy as np
import pytest

from utils.freezing import set_trainable
from utils.tasks import sha256
from utils.text import encoder as module
from utils.text.encoder import UNKNOWN, small_text_encoder, trimmed, words
from utils.text.reviews import reviews
from utils.text.teaching import teach_encoder, vocabulary


@pytest.fixture(scope="module")
def encoder():
    return small_text_encoder()


def test_words_and_signs():
    assert words("I can’t SAY, no!") == ["i", "can't", "say", ",", "no", "!"]


def test_the_vocabulary_is_of_training_texts_in_order():
    assert vocabulary(("a b", "a c b", "a"), least=2) == ["a", "b"]
    task, record = reviews("domain"), module.shipped_record()
    assert record["vocabulary"] == vocabulary(task.texts_train, record["recipe"]["least_texts"])
    assert record["texts_sha256"] == sha256("\n".join(task.texts_train).encode())


@pytest.mark.slow
def test_the_shipped_encoder_is_as_good_as_its_record_says(encoder):
    task, (kernel, bias) = reviews("domain"), encoder.head
    predicted = (encoder.vectors(task.texts_test) @ kernel + bias).argmax(axis=1)
    accuracy = np.mean(predicted == task.y_test)
    assert accuracy == pytest.approx(module.shipped_record()["accuracy"]["test"], abs=0.01)
    assert accuracy > 0.5  # a third is chance


@pytest.mark.slow
def test_padding_and_company_change_nothing(encoder):
    alone = encoder.vectors(["A fine film."])
    together = encoder.vectors(["word " * 100, "A fine film."])
    np.testing.assert_allclose(alone[0], together[1], atol=1e-5)
    assert np.abs(alone[0] - together[0]).max() > 1e-2


def test_the_order_of_the_words_counts(encoder):
    first, second = encoder.vectors(["not good but cheap", "good but not cheap"])
    assert np.abs(first - second).max() > 1e-3


@pytest.mark.parametrize("text", ["?!…", "😀", "Очень вкусно", "很好吃", "\u200d", "x" * 3000])
def test_any_text_has_a_vector(encoder, text):
    found = encoder.vectors([text])
    assert found.shape == (1, encoder.width) and np.isfinite(found).all()


def test_a_long_text_is_cut_and_counted(encoder):
    long = "word " * (encoder.longest + 50)
    assert encoder.ids([long]).shape == (1, encoder.longest)
    assert encoder.too_long([long, "short"]) == 1
    np.testing.assert_array_equal(encoder.vectors([long]), encoder.vectors([long + "and more"]))


@pytest.mark.parametrize("text", ["", "  ", None, 3, float("nan")])
def test_no_text_is_refused(encoder, text):
    with pytest.raises(ValueError, match=r"^texts\[0\]=.* is not allowed"):
        encoder.vectors([text])


def test_unknown_words_are_one_token(encoder):
    assert encoder.ids(["qqq zzz"])[0, :3].tolist() == [UNKNOWN, UNKNOWN, 0]


def test_no_texts_have_no_vectors(encoder):
    assert encoder.ids([]).shape == (0, 32) and encoder.vectors([]).shape == (0, encoder.width)


def test_trimmed_keeps_every_token():
    ids = np.zeros((2, 128), np.int32)
    ids[0, :40] = 5
    assert trimmed(ids).shape == (2, 64) and trimmed(ids).sum() == ids.sum()


@pytest.mark.slow
def test_each_call_gives_one_of_its_own_and_layers_can_be_frozen(encoder):
    other = small_text_encoder()
    assert other.network is not encoder.network and other.fingerprint() == encoder.fingerprint()
    set_trainable(other.network, [other.blocks[-1]])
    assert 0 < len(other.network.trainable_weights) < len(other.network.weights)


def test_an_altered_file_is_refused(monkeypatch, tmp_path):
    for ending in (".json", ".npz"):
        data = module.SHIPPED.with_suffix(ending).read_bytes()
        (tmp_path / f"altered{ending}").write_bytes(data + (b"x" if ending == ".npz" else b""))
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "altered")
    module._shipped.cache_clear()
    with pytest.raises(ValueError, match="shipped"):
        small_text_encoder()
    module._shipped.cache_clear()


@pytest.mark.exhaustive
def test_teaching_learns_and_can_be_repeated():
    """On a part of the texts, with a tiny network."""
    small = {"width": 8, "blocks": 1, "heads": 1, "inner": 8, "longest": 32, "dropout": 0.1, "epsilon": 1e-6}
    recipe = {"least_texts": 5, "hidden_words": 0.1, "learning_rate": 1e-2, "batch_size": 60, "epochs": 3, "seed": 1}
    data, record = teach_encoder(reviews("domain"), recipe, small)
    again, _ = teach_encoder(reviews("domain"), recipe, small)
    assert record["sha256"] == sha256(data) and data == again
    assert record["accuracy"]["validation"] > 0.36
