"""600 short reviews, written for this collection: two tasks on the same texts."""

import io
from functools import lru_cache
from pathlib import Path

import pandas as pd

from utils.checks import check_one_of
from utils.shipped import read_shipped
from utils.text.texts import TextTask, text_task

LABELS = {"domain": ("product", "film", "restaurant"), "sentiment": ("negative", "positive")}
_FILE = Path(__file__).parent / "shipped" / "reviews.csv"


def reviews(label: str = "sentiment") -> TextTask:
    """The reviews as a task: 360 for training, 90 for validation, 150 for testing; half of each domain's are positive.

    Args:
        label: "domain" (what is reviewed: a product, a film, a restaurant) or "sentiment". A text is in the same part
            for both, so that a network that was trained on one task has seen no test text of the other.

    Returns:
        The task.

    Raises:
        ValueError: For another label.
    """
    return _reviews(check_one_of("label", label, LABELS))


@lru_cache(maxsize=2)
def _reviews(label):
    table = pd.read_csv(io.BytesIO(read_shipped(_FILE)), dtype=str, keep_default_na=False, encoding="utf-8")
    named = table.rename(columns={label: "label"})[["text", "label"]]
    return text_task(f"reviews, {label}", named, table["part"].to_numpy(), LABELS[label])
