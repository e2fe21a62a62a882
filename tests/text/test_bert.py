"""BERT checkpoints: a made-up one against the formulas in NumPy, and a published one against its published vector."""

import json
import sys

import numpy as np
import pytest
from scipy.special import erf

from utils.text.bert import MissingExtra, bert_encoder

safetensors = pytest.importorskip("safetensors.numpy")
pytest.importorskip("tokenizers")

CONFIG = {
    "model_type": "bert", "vocab_size": 12, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 16, "max_position_embeddings": 16, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
}  # fmt: skip
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "##s", "the", "a", "!"]


def tensors(prefix=""):
    rng, width, inner = np.random.default_rng(0), 8, 16
    sizes = {f"embeddings.{name}_embeddings.weight": (rows, width)
             for name, rows in (("word", 12), ("position", 16), ("token_type", 2))}  # fmt: skip
    sizes["embeddings.word_embeddings.weight"] = sizes["embeddings.word_embeddings.weight"]
    norms = ["embeddings.LayerNorm"]
    for layer in ("encoder.layer.0.", "encoder.layer.1."):
        dense = {f"attention.self.{part}": (width, width) for part in ("query", "key", "value")}
        dense |= {
            "attention.output.dense": (width, width),
            "intermediate.dense": (inner, width),
            "output.dense": (width, inner),
        }
        for name, size in dense.items():
            sizes[f"{layer}{name}.weight"], sizes[f"{layer}{name}.bias"] = size, size[:1]
        norms += [f"{layer}attention.output.LayerNorm", f"{layer}output.LayerNorm"]
    for name in norms:
        sizes[f"{name}.weight"] = sizes[f"{name}.bias"] = (width,)
    return {prefix + name: rng.normal(size=size).astype(np.float32) for name, size in sizes.items()}


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, CONFIG, tensors())
    return tmp_path


def write(folder, config, values):
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    safetensors.save_file(values, folder / "model.safetensors")


def by_hand(ids, t):
    """Devlin et al. 2019, for one text."""

    def dense(x, name):
        return x @ t[f"{name}.weight"].T + t[f"{name}.bias"]

    def norm(x, name):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return x * t[f"{name}.weight"] + t[f"{name}.bias"]

    e = "embeddings."
    x = t[f"{e}word_embeddings.weight"][ids] + t[f"{e}position_embeddings.weight"][: len(ids)]
    x = norm(x + t[f"{e}token_type_embeddings.weight"][0], f"{e}LayerNorm")
    for number in range(2):
        n = f"encoder.layer.{number}."
        q, k, v = (dense(x, f"{n}attention.self.{part}").reshape(-1, 2, 4) for part in ("query", "key", "value"))
        scores = np.einsum("qhd,khd->hqk", q, k) / 2
        share = np.exp(scores - scores.max(-1, keepdims=True))
        share /= share.sum(-1, keepdims=True)
        seen = np.einsum("hqk,khd->qhd", share, v).reshape(-1, 8)
        x = norm(x + dense(seen, f"{n}attention.output.dense"), f"{n}attention.output.LayerNorm")
        inner = dense(x, f"{n}intermediate.dense")
        inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
        x = norm(x + dense(inner, f"{n}output.dense"), f"{n}output.LayerNorm")
    pooled = x.mean(axis=0)
    return pooled / np.linalg.norm(pooled)


@pytest.mark.slow
def test_the_vector_is_that_of_the_formulas(folder):
    encoder = bert_encoder(folder, longest=16)
    found = encoder.vectors(["The good films!", "bad"])
    assert encoder.ids(["The good films!"])[0, :7].tolist() == [2, 9, 5, 7, 8, 11, 3]
    np.testing.assert_allclose(found[0], by_hand([2, 9, 5, 7, 8, 11, 3], tensors()), atol=1e-4)
    np.testing.assert_allclose(found[1], by_hand([2, 6, 3], tensors()), atol=1e-4)


@pytest.mark.slow
def test_names_with_a_prefix_are_the_same(folder, tmp_path):
    expected = bert_encoder(folder, longest=8).vectors(["good film"])
    write(tmp_path, CONFIG, tensors("bert."))
    np.testing.assert_allclose(bert_encoder(tmp_path, longest=8).vectors(["good film"]), expected, atol=1e-6)


def test_a_text_that_is_cut_still_ends_as_one(folder):
    encoder = bert_encoder(folder, longest=8)
    assert encoder.ids(["good " * 20])[0].tolist() == [2, 5, 5, 5, 5, 5, 5, 3]
    assert encoder.too_long(["good " * 20, "good"]) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"model_type": "roberta"}, "model_type='roberta'"), ({"hidden_act": "relu"}, "hidden_act='relu'")],
)
def test_another_kind_of_checkpoint_is_refused(folder, changes, says):
    (folder / "config.json").write_text(json.dumps(CONFIG | changes))
    with pytest.raises(ValueError, match=says):
        bert_encoder(folder, longest=8)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ValueError, match=f"has no {name}"):
        bert_encoder(folder)


def test_a_missing_tokenizer_tensor_or_length_is_named(folder):
    with pytest.raises(ValueError, match=r"^longest=99 .*\b8 to 16\b"):
        bert_encoder(folder, longest=99)
    (folder / "vocab.txt").unlink()
    with pytest.raises(ValueError, match=r"neither tokenizer.json nor vocab.txt"):
        bert_encoder(folder, longest=8)
    values = tensors()
    del values["embeddings.LayerNorm.bias"]
    write(folder, CONFIG, values)
    with pytest.raises(ValueError, match=r"no 'embeddings.LayerNorm.bias'"):
        bert_encoder(folder, longest=8)


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtra, match="pip install safetensors tokenizers"):
        bert_encoder(tmp_path)
