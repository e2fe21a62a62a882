"""3,000 real sentences of reviews: "From Group to Individual Labels using Deep Features", Kotzias et al., KDD 2015.

CC BY 4.0. Fetched once from the UCI archive.
"""

import re
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from utils.checks import check_one_of
from utils.tasks.download import DownloadError, announce, fetch, unreachable
from utils.tasks.storage import home, read_cached, sha256, write_cached
from utils.text.reviews import LABELS
from utils.text.texts import TextTask, clean, text_task

_URL = "https://archive.ics.uci.edu/static/public/331/sentiment+labelled+sentences.zip"
# SHA-256 of the files inside, so that a copy that was packed again counts as the same.
_FILES = {
    "amazon_cells_labelled.txt": "49df8059de0eb9c2c13253f9d33a579bc56efc0f620dde2f6be1ec74c59893cb",
    "imdb_labelled.txt": "aef2e49e3da25714d61175e3a6e68eeef74a20a2f914318dc3be9947ea86512d",
    "yelp_labelled.txt": "c76468b7b5c6e56a0804d728345c5f84aa2142ddb214420f61cc9cfd4c00d2ea",
}
_DOMAINS = {"amazon_cells_labelled.txt": "product", "imdb_labelled.txt": "film", "yelp_labelled.txt": "restaurant"}
_LARGEST = 1_000_000  # bytes of one file, unpacked: each has less than 100,000
_SIZES = {"test": 1_000, "validation": 300}  # the rest is for training
_SEED = 2015


def uci_sentences(label: str = "sentiment") -> TextTask:
    """The sentences as a task, one third each on products, films and restaurants, half of them positive.

    1,000 are for testing and 300 for validation; copies are left out. The first call on a machine downloads 0.1 MB,
    after a line that announces it; every file is checked by its SHA-256 before it's used.

    Args:
        label: "domain" or "sentiment", as in `reviews`.

    Returns:
        The task.

    Raises:
        ValueError: For another label.
        DownloadError: Where the files are needed and can't be fetched.
    """
    return _sentences(check_one_of("label", label, LABELS))


@lru_cache(maxsize=2)
def _sentences(label):
    table = _table()
    order = np.random.default_rng(_SEED).permutation(len(table))
    parts = np.full(len(table), "train", dtype=object)
    parts[order[: _SIZES["test"]]] = "test"
    parts[order[_SIZES["test"] :][: _SIZES["validation"]]] = "validation"
    named = table.rename(columns={label: "label"})[["text", "label"]]
    return text_task(f"UCI sentences, {label}", named, parts, LABELS[label])


def _table():
    """The sentences in the files: text, domain, sentiment. Of copies, only the first is kept.

    Texts that differ only in capitals, spaces and signs count as copies, or a test sentence would be known from
    training.
    """
    rows = []
    for name, domain in _DOMAINS.items():
        # Only a line feed ends a line: the films' sentences have other separators inside (U+0085).
        for line in _content(name).decode("utf-8").split("\n"):
            if line.strip():
                text, sign = line.rsplit("\t", 1)
                rows.append((clean(text), domain, LABELS["sentiment"][int(sign)]))
    table = pd.DataFrame(rows, columns=["text", "domain", "sentiment"])
    words = table["text"].map(lambda text: " ".join(re.findall(r"\w+", text.lower())) or text)
    return table[~words.duplicated()].reset_index(drop=True)


def _content(name):
    data = read_cached(name)
    return data if data is not None and sha256(data) == _FILES[name] else _fetch()[name]


def _fetch():
    """Download the archive and keep its three files; their content by name."""
    what, instead = "The UCI sentences (0.1 MB)", "reviews(), which come with the project"
    if reason := unreachable(_URL):
        raise DownloadError(what, reason, instead)
    announce("the UCI sentences", 0.1, _URL, home())
    try:
        with tempfile.TemporaryDirectory() as folder:
            fetch(_URL, Path(folder, "archive.zip"))
            unpacked = unpack(Path(folder, "archive.zip"))
    except Exception as error:
        raise DownloadError(what, str(error), instead) from error
    for name, data in unpacked.items():
        write_cached(name, data)
    return unpacked


def unpack(archive: Path) -> dict[str, bytes]:
    """Read the three files in the archive. Nothing is written, so that no member can end up outside our folder.

    Args:
        archive: A ZIP file; other members, and the folders inside, are ignored.

    Returns:
        The content of each file, by name.

    Raises:
        ValueError: Where a file is missing, or has another content.
    """
    contents = {}
    with zipfile.ZipFile(archive) as zip_file:
        for member in zip_file.infolist():
            name = member.filename.rsplit("/", 1)[-1]
            if name in _FILES and name not in contents and member.file_size <= _LARGEST:
                data = zip_file.read(member)
                if sha256(data) == _FILES[name]:
                    contents[name] = data
    if missing := sorted(set(_FILES) - set(contents)):
        raise ValueError(f"the archive has no {missing[0]} with the right content")
    return contents
