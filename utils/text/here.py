"""Some of the pipelines on the reader's machine: on real sentences, with a larger encoder, or both."""

from pathlib import Path

from utils.checks import check_flag
from utils.tasks import DownloadError
from utils.text.bert import MissingExtra, bert_encoder
from utils.text.comparison import TextRow, compare
from utils.text.encoder import small_text_encoder
from utils.text.reviews import reviews
from utils.text.uci import uci_sentences

QUICK = "TF-IDF → logistic regression", "vector → logistic regression", "vector + statistics → XGBoost"


def measure_here(sentences: bool = False, checkpoint: str | Path = "") -> list[TextRow]:
    """Measure three of the pipelines on this machine, with a printed line for each.

    What was asked for and can't be had is named in a line, and nothing else depends on it.

    Args:
        sentences: Whether on `uci_sentences()`, a download of 0.1 MB, rather than on `reviews()`.
        checkpoint: The folder of a checkpoint of the BERT family; "" for the small encoder.

    Returns:
        The rows; none where neither of the two was asked for, or can be had.

    Raises:
        ValueError: For a folder that isn't a checkpoint's.
    """
    check_flag("sentences", sentences)
    real = _unless_missing(uci_sentences) if sentences else None
    no_checkpoint = isinstance(checkpoint, str) and not checkpoint
    large = None if no_checkpoint else _unless_missing(lambda: bert_encoder(checkpoint))
    if real is None and large is None:
        print("Nothing is measured here: that needs the sentences or a checkpoint.")
        return []
    task, encoder = real or reviews(), large or small_text_encoder()
    old = uci_sentences("domain") if real and large else reviews("domain")
    print(f"{task}\n{encoder}")
    return compare(task, encoder, old, QUICK)


def _unless_missing(make):
    """What this makes; None after a line that says what is missing."""
    try:
        return make()
    except (DownloadError, MissingExtra) as error:
        print(error)
        return None
