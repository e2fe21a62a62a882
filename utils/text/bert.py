"""Checkpoints of the BERT family, read from a folder as Hugging Face publishes them, into Keras layers.

This needs two more small packages, `safetensors` and `tokenizers`, but neither PyTorch nor tensorflow-text.
"""

import json
from pathlib import Path

import numpy as np

from utils.checks import check_path, check_whole_number
from utils.text.encoder import TextEncoder
from utils.text.transformer import PADDING, Shape, transformer

INSTALL = "pip install safetensors tokenizers"
_SHORTEST, _LONGEST, _MOST = 8, 128, 100_000
_FILES = "config.json", "model.safetensors"


class MissingExtra(ImportError):
    """A package that only this needs is missing; the message says how to install it."""


def bert_encoder(checkpoint: str | Path, longest: int = _LONGEST) -> TextEncoder:
    """Read an encoder of the BERT family (Devlin et al., NAACL 2019).

    Args:
        checkpoint: A folder with config.json, model.safetensors, and tokenizer.json or vocab.txt.
        longest: The number of tokens of a text that are read; the rest is cut.

    Returns:
        An encoder whose vectors are means over the tokens, of length 1, as Sentence-BERT's (Reimers and Gurevych,
        EMNLP 2019).

    Raises:
        MissingExtra: Without the two packages.
        ValueError: For a folder that lacks a file, or a checkpoint of another kind.
    """
    try:
        import safetensors.numpy
        import tokenizers
    except ImportError as error:
        raise MissingExtra(f"BERT needs two more packages ({error.name} is missing): {INSTALL}") from None
    folder = check_path("checkpoint", checkpoint)
    check_whole_number("longest", longest, _SHORTEST, _MOST, f"give a whole number of tokens from {_SHORTEST}")
    if missing := [name for name in _FILES if not (folder / name).is_file()]:
        raise ValueError(f"checkpoint={str(folder)!r} is not allowed: it has no {missing[0]}.")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = _shape(config, longest)
    tokens, end = _tokens(folder, tokenizers)
    network = transformer(shape, "bert")
    _load(network, safetensors.numpy.load_file(folder / "model.safetensors"), shape)
    return TextEncoder(folder.name, network, tokens, shape.longest, end=end)


def _shape(config, longest):
    for field, allowed in (("model_type", "bert"), ("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
        if (given := config.get(field, allowed)) != allowed:
            raise ValueError(f"config.json: {field}={given!r} is not allowed: it must be {allowed!r}.")
    most = config["max_position_embeddings"]
    check_whole_number("longest", longest, _SHORTEST, most, f"give a whole number of tokens from 8 to {most}")
    return Shape(
        vocabulary=config["vocab_size"],
        width=config["hidden_size"],
        blocks=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        inner=config["intermediate_size"],
        longest=longest,
        dropout=config.get("hidden_dropout_prob", 0.1),
        epsilon=config.get("layer_norm_eps", 1e-12),
        unit=True,
    )


def _tokens(folder, tokenizers):
    """A function from a text to the numbers of its word pieces, and the number of the last one, [SEP]."""
    if (folder / "tokenizer.json").is_file():
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    elif (folder / "vocab.txt").is_file():
        tokenizer = tokenizers.BertWordPieceTokenizer(str(folder / "vocab.txt"))
    else:
        raise ValueError(f"checkpoint={folder.name!r} is not allowed: it has neither tokenizer.json nor vocab.txt.")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if tokenizer.token_to_id("[PAD]") != PADDING:
        raise ValueError(f"{folder.name}: [PAD] isn't token {PADDING} of its vocabulary, which is needed here.")
    return lambda text: tokenizer.encode(text).ids, tokenizer.token_to_id("[SEP]")


def _load(network, tensors, shape):
    """Copy the checkpoint's tensors into the network. PyTorch keeps a dense kernel as (outputs, inputs)."""
    prefix = "bert." if any(name.startswith("bert.") for name in tensors) else ""

    def get(name):
        try:
            return np.asarray(tensors[prefix + name], np.float32)
        except KeyError:
            raise ValueError(f"model.safetensors has no {name!r}: this isn't a BERT checkpoint.") from None

    def norm(name):
        return [get(f"{name}.weight"), get(f"{name}.bias")]

    def dense(name):
        return [get(f"{name}.weight").T, get(f"{name}.bias")]

    embeddings = network.get_layer("embeddings")
    # There is one sentence, never two: what BERT adds for "the first of two" is the same at every place.
    places = get("embeddings.position_embeddings.weight") + get("embeddings.token_type_embeddings.weight")[0]
    embeddings.words.set_weights([get("embeddings.word_embeddings.weight")])
    embeddings.positions.set_weights([places[: shape.longest]])
    embeddings.norm.set_weights(norm("embeddings.LayerNorm"))
    heads = (shape.heads, shape.width // shape.heads)
    for number in range(shape.blocks):
        block, name = network.get_layer(f"block_{number + 1}"), f"encoder.layer.{number}."
        attention = []
        for part in ("query", "key", "value"):
            kernel, bias = dense(f"{name}attention.self.{part}")
            attention += [kernel.reshape(shape.width, *heads), bias.reshape(heads)]
        kernel, bias = dense(f"{name}attention.output.dense")
        block.attention.set_weights([*attention, kernel.reshape(*heads, shape.width), bias])
        block.attention_norm.set_weights(norm(f"{name}attention.output.LayerNorm"))
        block.inner.set_weights(dense(f"{name}intermediate.dense"))
        block.outer.set_weights(dense(f"{name}output.dense"))
        block.norm.set_weights(norm(f"{name}output.LayerNorm"))
